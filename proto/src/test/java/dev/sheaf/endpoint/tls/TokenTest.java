package dev.sheaf.endpoint.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenTest {
    private static final String SECRET = "abcdefghijABCDEFGHIJ0123456789_-abcdefghij0";
    private static final String PIN = "0123456789abcdef".repeat(4);
    private static final String TEXT = "sheafjoin1.00112233aabbccdd." + SECRET + "." + PIN;

    @Test
    void token_isReadAsWritten_andNeverShown() {
        Token token = Token.parse(Token.Kind.JOIN, " " + TEXT + "\n");
        assertThat(token.text()).isEqualTo(TEXT);
        assertThat(token.credential()).isEqualTo("sheafjoin1.00112233aabbccdd." + SECRET);
        assertThat(token.pin()).isEqualTo(new Pin(PIN));
        assertThat(token).hasToString("sheafjoin1.00112233aabbccdd");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "sheafuser1.00112233aabbccdd." + SECRET + ".0123456789abcdef",
                "sheafjoin1.00112233aabbccdd." + SECRET,
                "sheafjoin1.00112233aabbccdd." + SECRET + ".0123",
                "sheafjoin1.00112233AABBCCDD." + SECRET + ".0123",
                "sheafjoin1.00112233aabbccdd.short.0123",
                "sheafjoin1.00112233aabbccdd." + SECRET + "." + SECRET + "." + SECRET
            })
    void whatIsNoToken_isRefused_withoutRepeatingIt(String text) {
        assertThatThrownBy(() -> Token.parse(Token.Kind.JOIN, text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("token")
                .hasMessageNotContaining(SECRET);
    }
}
