package dev.sheaf.cli.bases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.dockerfile.BuildSelection;
import dev.sheaf.image.Digest;
import dev.sheaf.image.Platform;
import dev.sheaf.v1.BasePin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BaseResolutionTest {
    private static final BuildSelection BOTH = selection("linux/amd64", "linux/arm64");
    private static final LockWish NO_LOCK = new LockWish.None();

    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    private Path directory;

    @Test
    void resolvesEachReferenceOnceForAllPlatforms() throws Exception {
        String text = """
                # syntax=docker/dockerfile:1
                FROM alpine:3 AS a
                FROM alpine:3
                COPY --from=a x y
                COPY --from=busybox x y
                """;

        BaseResolution resolution = BaseResolution.of(text, BOTH, NO_LOCK, registry("linux/amd64", "linux/arm64"));

        assertThat(asked)
                .containsExactlyInAnyOrder(
                        "docker.io/docker/dockerfile:1",
                        "docker.io/library/alpine:3",
                        "docker.io/library/busybox:latest");
        assertThat(resolution.pins())
                .extracting(BasePin::getReference, BasePin::getDigest)
                .contains(org.assertj.core.groups.Tuple.tuple(
                        "docker.io/library/alpine:3",
                        digest("docker.io/library/alpine:3").value()));
        assertThat(resolution.pins().getFirst().getPlatformsCount()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            FROM alpine:3                           | linux/amd64             | true
            FROM alpine:3                           | linux/386,linux/amd64   | true
            FROM --platform=linux/arm64 alpine      | linux/amd64             | true
            FROM scratch@COPY --from=alpine a b     | linux/amd64             | true
            FROM alpine:3                           | linux/amd64             | false
            """)
    void refusesABaseThatLacksAPlatform(String text, String has, boolean isIndex) {
        assertThatThrownBy(() -> BaseResolution.of(
                        text.replace('@', '\n'), BOTH, NO_LOCK, need -> image(need, isIndex, has.split(","))))
                .isInstanceOfSatisfying(CliException.class, e -> {
                    assertThat(e.exit()).isEqualTo(ExitCode.USER);
                    assertThat(e.line()).startsWith("Dockerfile line ").contains("linux/arm64", has.replace(",", ", "));
                });
    }

    @Test
    void aBaseMayBeOfAnOlderVariantButNotOfANewer() throws Exception {
        BuildSelection arm = selection("linux/arm/v7", "linux/amd64/v3");

        assertThat(BaseResolution.of("FROM a", arm, NO_LOCK, registry("linux/arm/v6", "linux/amd64"))
                        .images())
                .hasSize(1);
        assertThatThrownBy(() -> BaseResolution.of(
                        "FROM a",
                        selection("linux/arm/v6", "linux/amd64"),
                        NO_LOCK,
                        registry("linux/arm/v7", "linux/amd64")))
                .hasMessageContaining("has no linux/arm/v6");
    }

    @Test
    void whatDependsOnTheMachineThatBuildsIsPinnedAndNotRefused() throws Exception {
        String text = """
                FROM --platform=$BUILDPLATFORM golang AS b
                FROM tools-$BUILDARCH AS c
                FROM scratch
                COPY --from=b x y
                COPY --from=c x y
                """;

        assertThat(BaseResolution.of(text, BOTH, NO_LOCK, registry("linux/s390x"))
                        .images())
                .extracting(image -> image.reference().repository())
                .contains("library/golang", "library/tools-amd64");
    }

    @Test
    void eachPlatformMayHaveABaseOfItsOwn() throws Exception {
        BaseResolution.Lookup registry = need ->
                image(need, false, "linux/" + need.reference().repository().replaceFirst("^.*-", ""));

        assertThat(BaseResolution.of("FROM base-$TARGETARCH", BOTH, NO_LOCK, registry)
                        .images())
                .hasSize(2);
    }

    @Test
    void aRegistryThatIsAwayLeavesTheBaseOpen() throws Exception {
        BaseResolution resolution = BaseResolution.of("FROM a\nFROM b", BOTH, NO_LOCK, _ -> {
            throw new IOException("nobody answers at docker.io");
        });

        assertThat(resolution.pins()).isEmpty();
        assertThat(resolution.unresolved())
                .containsExactly("the base docker.io/library/b:latest is not pinned, each engine resolves it by itself:"
                        + " nobody answers at docker.io");
    }

    @Test
    void aFileThatIsNoDockerfileIsLeftToTheEngine() throws Exception {
        assertThat(BaseResolution.of("version: 3", BOTH, NO_LOCK, registry()).unresolved())
                .containsExactly("the base images are not pinned: Dockerfile: line 1: \"version:\" is no instruction");
    }

    @Test
    void theLockFileIsRepeated() throws Exception {
        Path lock = directory.resolve("sheaf.lock");
        String text = "FROM alpine:3\nCOPY --from=busybox@" + digest("x") + " a b\n";

        BaseResolution written =
                BaseResolution.of(text, BOTH, new LockWish.Write(lock), registry("linux/amd64", "linux/arm64"));
        asked.clear();
        BaseResolution read = BaseResolution.of(text, BOTH, new LockWish.Read(lock), registry());

        assertThat(read.pins()).containsExactlyElementsOf(written.pins());
        assertThat(asked).isEmpty();
        assertThat(Files.readString(lock)).contains("docker.io/library/alpine:3", "linux/arm64", "\"version\" : 1");
        assertThat(directory.toFile().list()).containsExactly("sheaf.lock");
    }

    @Test
    void theLockFileMustNameEveryReferenceAndHaveEveryPlatform() throws Exception {
        Path lock = directory.resolve("my.lock");
        LockWish.Read read = new LockWish.Read(lock);
        BaseResolution.of("FROM alpine:3", selection("linux/amd64"), new LockWish.Write(lock), registry("linux/amd64"));

        assertThatThrownBy(() -> BaseResolution.of("FROM scratch\nFROM alpine:4", BOTH, read, registry()))
                .hasMessage(lock + " does not name docker.io/library/alpine:4 (Dockerfile line 2); write it again with"
                        + " --write-lock");
        assertThatThrownBy(() -> BaseResolution.of("FROM alpine:3", BOTH, read, registry()))
                .hasMessageContaining("linux/arm64");
        assertThat(BaseResolution.of("FROM alpine@" + digest("y"), BOTH, read, registry())
                        .pins())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {                                                              | is not valid JSON
            {"version":2}                                                  | is no lock file of version 1
            {"version":1,"bases":[{"reference":"A B","digest":"x"}]}       | holds what is no base image
            """)
    void saysWhatIsWrongWithTheLockFile(String content, String message) throws IOException {
        Path lock = Files.writeString(directory.resolve("sheaf.lock"), content);

        assertThatThrownBy(() -> BaseResolution.of("FROM a", BOTH, new LockWish.Read(lock), registry()))
                .isInstanceOf(CliException.class)
                .hasMessageContaining(message);
    }

    @Test
    void noLockFileIsWrittenOfWhatIsNotKnown() {
        Path lock = directory.resolve("sheaf.lock");

        assertThatThrownBy(() -> BaseResolution.of("FROM a", BOTH, new LockWish.Write(lock), _ -> {
                    throw new IOException("away");
                }))
                .isInstanceOfSatisfying(
                        CliException.class, e -> assertThat(e.exit()).isEqualTo(ExitCode.REGISTRY));
        assertThat(lock).doesNotExist();
        assertThatThrownBy(() -> BaseResolution.of("FROM a", BOTH, new LockWish.Read(lock), registry()))
                .hasMessageContaining("there is no lock file");
    }

    private BaseResolution.Lookup registry(String... platforms) {
        return need -> {
            asked.add(need.reference().toString());
            return image(need, true, platforms);
        };
    }

    private static BaseImage image(BaseNeed need, boolean isIndex, String... platforms) {
        return new BaseImage(
                need.reference(),
                digest(need.reference().toString()),
                isIndex,
                Stream.of(platforms).map(Platform::parse).toList());
    }

    private static Digest digest(String of) {
        return Digest.of(of.getBytes(StandardCharsets.UTF_8));
    }

    private static BuildSelection selection(String... platforms) {
        return new BuildSelection("", Stream.of(platforms).map(Platform::parse).toList(), Map.of());
    }
}
