package dev.sheaf.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DockerfileTest {
    @Test
    void keepsStagesWithNamesPlatformsAndLines() throws DockerfileException {
        Dockerfile file = Dockerfile.parse("""
                # syntax=docker/dockerfile:1
                ARG VERSION=3

                FROM --platform=$BUILDPLATFORM golang:${VERSION} AS Build
                RUN go build
                from scratch
                copy --from=build /app /
                """);

        assertThat(file.syntax()).contains("docker/dockerfile:1");
        assertThat(file.arguments()).extracting(Instruction::arguments).containsExactly("VERSION=3");
        assertThat(file.stages()).hasSize(2);
        Stage build = file.stages().getFirst();
        assertThat(build.name()).isEqualTo("build");
        assertThat(build.base()).isEqualTo("golang:${VERSION}");
        assertThat(build.platform()).isEqualTo("$BUILDPLATFORM");
        assertThat(build.from().firstLine()).isEqualTo(4);
        Instruction copy = file.stages().get(1).instructions().getFirst();
        assertThat(copy.keyword()).isEqualTo("COPY");
        assertThat(copy.flag("from")).contains("build");
        assertThat(copy.words()).containsExactly("/app", "/");
        assertThat(copy.firstLine()).isEqualTo(7);
        assertThat(copy.text()).isEqualTo("copy --from=build /app /");
    }

    @Test
    void joinsContinuedLinesAndSkipsCommentsAndBlankLinesBetweenThem() throws DockerfileException {
        Instruction run = first("""
                FROM alpine
                RUN apk add \\
                    # the compiler
                    gcc \\

                    make   \\\t
                    # the end
                CMD ["sh"]
                """);

        // The line after the last continuation is a comment, so the next instruction is part of it, as in BuildKit.
        assertThat(run.arguments()).isEqualTo("apk add     gcc     make   CMD [\"sh\"]");
        assertThat(run.lines()).isEqualTo("lines 2-8");
        assertThat(run.text())
                .startsWith("RUN apk add \\\n    # the compiler\n")
                .endsWith("CMD [\"sh\"]");
    }

    @Test
    void endsAnInstructionWhereNothingContinuesIt() throws DockerfileException {
        Stage stage = only("FROM alpine\nRUN echo a \\\\\nRUN echo b\nRUN echo c\\\n  d\n");

        assertThat(stage.instructions())
                .extracting(Instruction::arguments)
                .containsExactly("echo a \\\\", "echo b", "echo c  d");
        assertThat(stage.instructions())
                .extracting(Instruction::lines)
                .containsExactly("line 2", "line 3", "lines 4-5");
    }

    @Test
    void obeysTheEscapeDirective() throws DockerfileException {
        Dockerfile file =
                Dockerfile.parse("# escape=`\r\nFROM windows\r\nCOPY C:\\src `\r\n  C:\\dst\\\r\nRUN dir\r\n");

        assertThat(file.escape()).isEqualTo('`');
        assertThat(file.stages().getFirst().instructions())
                .extracting(Instruction::arguments)
                .containsExactly("C:\\src   C:\\dst\\", "dir");
    }

    @Test
    void readsDirectivesOnlyAtTheTop() throws DockerfileException {
        assertThat(Dockerfile.parse("#check=skip=all\n# Syntax = a/b:1 \nFROM x")
                        .directives())
                .containsEntry("check", "skip=all")
                .containsEntry("syntax", "a/b:1");
        assertThat(Dockerfile.parse("# a comment\n# escape=`\nFROM x").escape()).isEqualTo('\\');
        assertThat(Dockerfile.parse("\n# escape=`\nFROM x").escape()).isEqualTo('\\');
        assertThat(Dockerfile.parse("# other=1\n# escape=`\nFROM x").escape()).isEqualTo('\\');
    }

    @Test
    void skipsAByteOrderMark() throws DockerfileException {
        assertThat(Dockerfile.parse("\uFEFF# escape=`\nFROM x").escape()).isEqualTo('`');
    }

    @Test
    void keepsHeredocsWithTheirLines() throws DockerfileException {
        Stage stage = only("""
                FROM alpine
                RUN <<EOF cat - <<-'TWO' && true
                apk add curl
                # not a comment \\
                EOF
                \tFROM evil
                \tTWO
                COPY <<"a b" <<x /etc/
                1
                a b
                2
                x
                RUN echo 1 << 2
                2
                USER app
                """);

        assertThat(stage.instructions()).extracting(Instruction::keyword).containsExactly("RUN", "COPY", "RUN", "USER");
        Instruction run = stage.instructions().getFirst();
        assertThat(run.heredocs())
                .containsExactly(
                        new Instruction.Heredoc("EOF", true, false, "apk add curl\n# not a comment \\\n"),
                        new Instruction.Heredoc("TWO", false, true, "FROM evil\n"));
        assertThat(run.lines()).isEqualTo("lines 2-7");
        Instruction copy = stage.instructions().get(1);
        assertThat(copy.heredocs())
                .extracting(Instruction.Heredoc::name, Instruction.Heredoc::content)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("a b", "1\n"),
                        org.assertj.core.groups.Tuple.tuple("x", "2\n"));
        assertThat(stage.instructions().get(3).firstLine()).isEqualTo(15);
    }

    @Test
    void seesNoHeredocWhereThereIsNone() throws DockerfileException {
        Stage stage = only("""
                FROM alpine
                RUN ["cat", "<<EOF"]
                RUN echo "<<EOF" $((1<<3))
                ENV A=<<EOF
                CMD cat <<EOF
                USER app
                """);

        assertThat(stage.instructions())
                .hasSize(5)
                .allMatch(step -> step.heredocs().isEmpty());
    }

    @Test
    void readsJsonFormsAndTakesBadJsonAsAShellLine() throws DockerfileException {
        Stage stage = only("""
                FROM alpine
                CMD ["a", "b \\"c\\""]
                ENTRYPOINT ['a']
                COPY ["a b", "c"]
                RUN [ -f x ] && echo y
                SHELL ["a"] b
                """);

        assertThat(stage.instructions())
                .extracting(Instruction::exec)
                .containsExactly(
                        Optional.of(List.of("a", "b \"c\"")),
                        Optional.empty(),
                        Optional.of(List.of("a b", "c")),
                        Optional.empty(),
                        Optional.empty());
        assertThat(stage.instructions().get(2).words()).containsExactly("a b", "c");
    }

    @Test
    void takesFlagsOffTheFront() throws DockerfileException {
        Instruction run = first("""
                FROM alpine
                RUN --mount=type=bind,from=tools,target=/t --mount="type=cache,target=/c" --network=none -- ls --from=x
                """);

        assertThat(run.arguments()).isEqualTo("ls --from=x");
        assertThat(run.flag("network")).contains("none");
        assertThat(run.mounts())
                .containsExactly(List.of("type=bind", "from=tools", "target=/t"), List.of("type=cache", "target=/c"));
        assertThat(run.sources()).containsExactly("tools");
    }

    @Test
    void readsAssignments() throws DockerfileException {
        Stage stage =
                only("FROM a\nARG A B=1 C=\"x y\"\nENV K some long value\nENV A=b\\ c D='$E'\nLABEL l=1\nUSER x=y\n");

        assertThat(stage.instructions().get(0).assignments())
                .containsExactly(set("A", null), set("B", "1"), set("C", "\"x y\""));
        assertThat(stage.instructions().get(1).assignments()).containsExactly(set("K", "some long value"));
        assertThat(stage.instructions().get(2).assignments()).containsExactly(set("A", "b\\ c"), set("D", "'$E'"));
        assertThat(stage.instructions().get(4).assignments()).isEmpty();
    }

    @Test
    void keepsWhatOnbuildKeeps() throws DockerfileException {
        Instruction onbuild = first("FROM alpine\nONBUILD COPY --from=x a b\n");

        assertThat(onbuild.trigger().map(Instruction::keyword)).contains("COPY");
        assertThat(onbuild.trigger().flatMap(inner -> inner.flag("from"))).contains("x");
        assertThat(onbuild.sources()).isEmpty();
    }

    @Test
    void keepsCommentsRightAbove() throws DockerfileException {
        Stage stage = only("FROM a\n# far\n\n# one\n#two\nRUN x\nRUN y\n");

        assertThat(stage.instructions().get(0).comments()).containsExactly("one", "two");
        assertThat(stage.instructions().get(1).comments()).isEmpty();
    }

    @Test
    void keepsInstructionsThatItDoesNotKnow() throws DockerfileException {
        assertThat(first("FROM a\nFROBNICATE --x y\n").keyword()).isEqualTo("FROBNICATE");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            RUN ls                        | line 1: RUN before the first FROM; only ARG may be
            FROM a b                      | line 1: FROM takes an image, or an image AS a name, not: a b
            FROM                          | line 1: FROM takes an image, or an image AS a name, not: ''
            FROM a@RUN <<E@x              | line 2: the heredoc <<E is never ended
            # escape=x@FROM a             | line 1: the escape character must be \\ or `, not x
            # escape=`@# escape=`@FROM a  | line 2: the parser directive escape is given twice
            # just this                   | the Dockerfile has no FROM
            version: 3                    | line 1: "version:" is no instruction
            """)
    void saysInOneLineWhatIsWrong(String written, String message) {
        assertThatThrownBy(() -> Dockerfile.parse(written.replace('@', '\n')))
                .isInstanceOf(DockerfileException.class)
                .hasMessage(message.replace("''", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"FROM a\nRUN x\n", "#"})
    void refusesWhatIsBeyondTheLimits(String line) {
        String many = line.repeat(Dockerfile.MAX_CHARACTERS / line.length() + 1);

        assertThatThrownBy(() -> Dockerfile.parse(many)).hasMessageContaining("at most 4194304 are read");
        assertThatThrownBy(() -> Dockerfile.parse("FROM a\n" + "RUN x\n".repeat(Dockerfile.MAX_INSTRUCTIONS)))
                .hasMessageContaining("more than 10000 instructions");
        assertThatThrownBy(() -> Dockerfile.parse("FROM a\n".repeat(Dockerfile.MAX_STAGES + 1)))
                .hasMessage("line 1001: the Dockerfile has more than 1000 stages");
    }

    static Instruction.Assignment set(String name, @org.jspecify.annotations.Nullable String value) {
        return new Instruction.Assignment(name, Optional.ofNullable(value));
    }

    private static Stage only(String text) throws DockerfileException {
        return Dockerfile.parse(text).stages().getFirst();
    }

    private static Instruction first(String text) throws DockerfileException {
        return only(text).instructions().getFirst();
    }
}
