package dev.sheaf.cli.lint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.dockerfile.BuildSelection;
import dev.sheaf.dockerfile.Dockerfile;
import dev.sheaf.dockerfile.DockerfileException;
import dev.sheaf.image.Platform;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Good Dockerfiles give no finding, bad ones the one that they are named for. */
final class LintTest {
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final Platform ARM64 = Platform.parse("linux/arm64");
    private static final String ELF_AMD64 = elf(62);
    private static final String ELF_ARM64 = elf(183);

    static Stream<String> corpus() throws IOException {
        return resource("expected.txt").lines().filter(line -> !line.startsWith("#"));
    }

    @ParameterizedTest
    @MethodSource("corpus")
    void findsWhatIsThereAndNothingElse(String line) throws IOException, DockerfileException {
        String[] words = line.split(" ", 2);

        List<Finding> findings = lint(resource(words[0]), List.of(AMD64, ARM64), Map.of(), List.of());

        List<String> expected = words[1].equals("none") ? List.of() : List.of(words[1]);
        assertThat(findings)
                .extracting(found -> found.rule() + "@" + found.firstLine() + " "
                        + found.severity().word())
                .isEqualTo(expected);
    }

    @Test
    void whatIsRightForAllPlatformsIsNotFound() throws DockerfileException {
        String text = "FROM --platform=linux/amd64 alpine\nRUN curl -O https://example.com/tool-amd64.tgz\n";

        assertThat(lint(text, List.of(AMD64), Map.of(), List.of())).isEmpty();
        assertThat(lint(text, List.of(ARM64), Map.of(), List.of()))
                .extracting(Finding::rule)
                .contains(StagePlatforms.FINAL);
    }

    @Test
    void aBuildArgumentThatIsGivenHasNoDefault() throws DockerfileException {
        String text = "FROM alpine\nARG ARCH=x86_64\nRUN echo $ARCH\n";

        assertThat(lint(text, List.of(AMD64, ARM64), Map.of("ARCH", "any"), List.of()))
                .isEmpty();
        assertThat(lint(text, List.of(AMD64, ARM64), Map.of(), List.of())).hasSize(1);
    }

    @Test
    void saysWhatIsWrongAndWhatToDo() throws DockerfileException {
        Finding finding = lint("FROM alpine\nRUN echo $TARGETARCH\n", List.of(ARM64), Map.of(), List.of())
                .getFirst();

        assertThat(finding.line())
                .isEqualTo(
                        "line 2: TARGETARCH is empty here: stage 0 does not declare it (platform-argument-undeclared)");
        assertThat(finding.fix()).isEqualTo("add \"ARG TARGETARCH\" to the stage, before this line");
    }

    @Test
    void aForeignProgramThatIsCopiedByNameIsAnError() throws DockerfileException {
        List<ContextFile> files = List.of(file("bin/app", false, ELF_AMD64), file("README", false, "text"));

        List<Finding> findings =
                lint("FROM alpine\nCOPY README ./bin/app /app/\n", List.of(AMD64, ARM64), Map.of(), files);

        assertThat(findings).hasSize(1);
        assertThat(findings.getFirst().severity()).isEqualTo(Finding.Severity.ERROR);
        assertThat(findings.getFirst().message())
                .isEqualTo("bin/app of the context is a program for x86-64, and linux/arm64 gets it too");
    }

    @Test
    void aForeignProgramInADirectoryIsAWarningUnlessOneOfThePlatformIsThere() throws DockerfileException {
        String text = "FROM alpine\nCOPY dist* /opt/\n";
        ContextFile amd64 = file("dist/a/addon.node", false, ELF_AMD64);
        ContextFile arm64 = file("dist/b/libaddon.so.1", false, ELF_ARM64);

        assertThat(lint(text, List.of(AMD64, ARM64), Map.of(), List.of(amd64)))
                .extracting(Finding::severity)
                .containsExactly(Finding.Severity.WARNING);
        assertThat(lint(text, List.of(AMD64, ARM64), Map.of(), List.of(amd64, arm64)))
                .isEmpty();
        assertThat(lint("FROM alpine\nCOPY other /\n", List.of(ARM64), Map.of(), List.of(amd64)))
                .isEmpty();
    }

    @Test
    void programsThatAreCopiedByArchitectureAreFine() throws DockerfileException {
        List<ContextFile> files = List.of(file("app-amd64", true, ELF_AMD64), file("app-arm64", true, ELF_ARM64));
        String text =
                "ARG NAME=app\nFROM alpine\nARG NAME\nARG TARGETARCH\nENV FILE=$NAME-$TARGETARCH\nCOPY $FILE /app\n";

        assertThat(lint(text, List.of(AMD64, ARM64), Map.of(), files)).isEmpty();
        assertThat(lint(text, List.of(AMD64, ARM64), Map.of("TARGETARCH", "amd64"), files))
                .extracting(Finding::rule)
                .containsExactly(CopiedPrograms.FOREIGN);
    }

    @Test
    void filesThatCannotBeProgramsAreNotRead() throws DockerfileException {
        ContextFile unreadable = new ContextFile("data/x", false, 100, () -> {
            throw new AssertionError("it was read");
        });

        assertThat(lint("FROM alpine\nCOPY . /\n", List.of(ARM64), Map.of(), List.of(unreadable)))
                .isEmpty();
    }

    private static List<Finding> lint(
            String text, List<Platform> platforms, Map<String, String> arguments, List<ContextFile> files)
            throws DockerfileException {
        return Lint.of(Dockerfile.parse(text), new BuildSelection("", platforms, arguments), files);
    }

    private static ContextFile file(String path, boolean isExecutable, String content) {
        return new ContextFile(
                path,
                isExecutable,
                content.length(),
                () -> new ByteArrayInputStream(content.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** A little-endian ELF file's head, with e_machine at byte 18. */
    private static String elf(int machine) {
        return "\u007fELF\u0002\u0001\u0001" + "\0".repeat(9) + "\u0002\0" + (char) machine + "\0" + "\0".repeat(44);
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(LintTest.class.getResourceAsStream("/lint/" + name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
