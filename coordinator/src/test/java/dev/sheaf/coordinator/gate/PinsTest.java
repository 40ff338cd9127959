package dev.sheaf.coordinator.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildRequest.BasePin;
import dev.sheaf.dockerfile.Dockerfile;
import dev.sheaf.image.Digest;
import dev.sheaf.image.Platform;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a build's pins leave open. */
final class PinsTest {
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final Digest DIGEST = Digest.of(new byte[0]);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "FROM alpine:3 | true",
                "FROM scratch | true",
                "FROM alpine:4 | false",
                "FROM alpine:4 AS unused;FROM alpine:3 | true",
                "FROM alpine:3;COPY --from=busybox /bin/sh / | false",
                "FROM busybox@DIGEST | true",
                "# syntax=docker/dockerfile:1;FROM alpine:3 | false",
                "FROM alpine:3;ADD file dir/ | true",
                "FROM alpine:3;ADD https://x.example/a / | false",
                "FROM alpine:3;ADD --checksum=sha256:1 https://x.example/a / | true",
                "FROM alpine:3;ADD git@git.example:a.git / | false",
                "FROM alpine:3;ARG A;ADD $A / | false",
            })
    void areComplete(String dockerfile, boolean expected) throws Exception {
        assertThat(areComplete(dockerfile, Map.of())).isEqualTo(expected);
    }

    @Test
    void areComplete_frontendOfABuildArgument_goesBeforeThatOfTheFile() throws Exception {
        Map<String, String> unpinned = Map.of("BUILDKIT_SYNTAX", "docker/dockerfile:1");
        assertThat(areComplete("FROM alpine:3", unpinned)).isFalse();
        assertThat(areComplete("# syntax=docker/dockerfile:1;FROM alpine:3", Map.of("BUILDKIT_SYNTAX", "alpine:3")))
                .isTrue();
    }

    private static boolean areComplete(String dockerfile, Map<String, String> buildArguments) throws Exception {
        BuildRequest.Options none = BuildRequest.Options.defaults();
        BuildRequest.Options options = new BuildRequest.Options(
                "",
                "",
                buildArguments,
                Map.of(),
                none.switches(),
                "",
                "",
                Optional.empty(),
                Optional.empty(),
                List.of(new BasePin("docker.io/library/alpine:3", DIGEST, List.of())));
        BuildRequest request = new BuildRequest(
                "key",
                List.of(AMD64),
                List.of(),
                false,
                new BuildRequest.Source.Tree(DIGEST),
                options,
                Optional.empty(),
                Optional.empty());
        String text = dockerfile.replace(";", "\n").replace("DIGEST", DIGEST.value());
        return Pins.areComplete(request, Dockerfile.parse(text), AMD64);
    }
}
