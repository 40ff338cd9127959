package dev.sheaf.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TerminalTextTest {
    @Test
    void plain_withControlSequences_losesThemWhole() {
        assertThat(TerminalText.plain("a\u001b[31mred\u001b[0m\tb")).isEqualTo("ared\tb");
        assertThat(TerminalText.plain("a\u001b]0;title\u0007b\u001b]8;;http://x\u001b\\c"))
                .isEqualTo("abc");
        assertThat(TerminalText.plain("a\u001b[2J\u001b[1;1Hb\u009b2Jc\u001bPq\u001b\\d"))
                .isEqualTo("abcd");
        assertThat(TerminalText.plain("a\u001b(Bb\u001b")).isEqualTo("ab");
        assertThat(TerminalText.plain("a\b\r\n\u0000\u007f\u202eb")).isEqualTo("ab");
        assertThat(TerminalText.plain("grüße → 日本")).isEqualTo("grüße → 日本");
    }

    @Test
    void coloured_keepsColoursOnlyAndResetsThem() {
        assertThat(TerminalText.coloured("\u001b[1;31mred\u001b[2K")).isEqualTo("\u001b[1;31mred\u001b[0m");
        assertThat(TerminalText.coloured("\u001b[31")).isEmpty();
        assertThat(TerminalText.coloured("\u001b[>4;2mx")).isEqualTo("x");
    }
}
