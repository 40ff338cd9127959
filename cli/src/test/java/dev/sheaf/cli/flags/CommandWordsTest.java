package dev.sheaf.cli.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.cli.shell.CliException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each line was put to a POSIX shell too: {@code printf '<%s>' WORDS}. */
final class CommandWordsTest {
    static Stream<Arguments> commands() {
        return Stream.of(
                Arguments.of("app --version", List.of("app", "--version")),
                Arguments.of("  app\t--version \n", List.of("app", "--version")),
                Arguments.of("app 'a b'  c", List.of("app", "a b", "c")),
                Arguments.of("app \"a 'b' \\\"c\\\" \\d\"", List.of("app", "a 'b' \"c\" \\d")),
                Arguments.of("app a\\ b \\'c\\'", List.of("app", "a b", "'c'")),
                Arguments.of("app '' \"\"", List.of("app", "", "")),
                Arguments.of("app pre'mid'\"post\"", List.of("app", "premidpost")),
                Arguments.of("sh -c 'app | grep $X > /f; exit'", List.of("sh", "-c", "app | grep $X > /f; exit")),
                Arguments.of("app \"\\$HOME\" \\$HOME", List.of("app", "$HOME", "$HOME")),
                Arguments.of("app *.txt ~ a=b \u00e4", List.of("app", "*.txt", "~", "a=b", "\u00e4")),
                Arguments.of("", List.of()),
                Arguments.of("   ", List.of()));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void split_asAShellDoes(String text, List<String> words) throws CliException {
        assertThat(CommandWords.split("--smoke", text)).isEqualTo(words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"app | cat", "app > f", "app $X", "app \"$X\"", "app `id`", "app; id", "(app)", "app & id"})
    void split_whatOnlyAShellCanDo_isRefused(String text) {
        assertThatThrownBy(() -> CommandWords.split("--smoke", text))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("which only a shell reads")
                .hasMessageContaining("sh -c");
    }

    @Test
    void split_unfinished_isRefusedWithTheText() {
        assertThatThrownBy(() -> CommandWords.split("--smoke", "app 'x"))
                .hasMessage("--smoke has a quote ' that is not closed: app 'x");
        assertThatThrownBy(() -> CommandWords.split("--smoke", "app \"x"))
                .hasMessage("--smoke has a quote \" that is not closed: app \"x");
        assertThatThrownBy(() -> CommandWords.split("--smoke", "app \\"))
                .hasMessage("--smoke has a backslash at its end: app \\");
    }
}
