package dev.sheaf.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TerminalSizeTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "40 120 | 120 | 40",
                "40x120 | 120 | 40",
                "0 0 | 80 | 24",
                "'' | 80 | 24",
                "stty: no terminal | 80 | 24",
                "99999999999 1 | 80 | 24"
            })
    void parse_ofAnything_isASizeToDrawIn(String text, int columns, int rows) {
        assertThat(TerminalSize.parse(text)).isEqualTo(new TerminalSize(columns, rows));
    }
}
