package dev.sheaf.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FarmAddressTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:7420, 127.0.0.1:7420, true",
        "127.0.0.1, 127.0.0.1:7420, true",
        "127.9.8.7:1, 127.9.8.7:1, true",
        "localhost:0, localhost:0, true",
        "LocalHost:80, LocalHost:80, true",
        "[::1]:9, [::1]:9, true",
        "[::1], [::1]:7420, true",
        "0.0.0.0:7420, 0.0.0.0:7420, false",
        "[::]:7420, [::]:7420, false",
        "10.0.0.1:7420, 10.0.0.1:7420, false",
        "127.0.0.1.example.org:7420, 127.0.0.1.example.org:7420, false",
        "127.0.0.256:7420, 127.0.0.256:7420, false",
        "localhost.example.org:1, localhost.example.org:1, false",
        "farm, farm:7420, false",
    })
    void parse_goodInput_keepsHostAndPort(String text, String canonical, boolean loopback) {
        FarmAddress address = FarmAddress.parse(text);
        assertThat(address).hasToString(canonical);
        assertThat(address.isLoopback()).isEqualTo(loopback);
        assertThat(FarmAddress.parse(canonical)).isEqualTo(address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":7420",
                "host:",
                "host:x",
                "host:65536",
                "host:-1",
                "http://host:1",
                "host/path",
                "::1",
                "[::1",
                "[::1]7420",
                "[host]:1",
                "ho st:1",
                "-host:1"
            })
    void parse_badInput_refusedInOneLine(String text) {
        assertThatThrownBy(() -> FarmAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("\"" + text + "\" is not a farm address: ")
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0:7420", "[::]:1", "farm.example:7420"})
    void requirePlaintextAllowed_notLoopback_refused(String text) {
        FarmAddress address = FarmAddress.parse(text);
        assertThatThrownBy(address::requirePlaintextAllowed).hasMessageContaining("clear text");
        assertThat(FarmAddress.DEFAULT.requirePlaintextAllowed()).isEqualTo(FarmAddress.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "127.0.0.1:1 | 127.0.0.1:1",
                "127.0.0.1:1,[::1]:2 | 127.0.0.1:1 [::1]:2",
                "localhost:3, 127.0.0.1:1,localhost:3 | localhost:3 127.0.0.1:1"
            })
    void parseList_goodInput_keepsTheOrder(String text, String canonical) {
        assertThat(FarmAddress.parseList(text))
                .extracting(FarmAddress::toString)
                .containsExactly(canonical.split(" "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "127.0.0.1:1,", "127.0.0.1:1,,127.0.0.1:2", "127.0.0.1:1;127.0.0.1:2"})
    void parseList_badInput_isRefusedInOneLine(String text) {
        assertThatThrownBy(() -> FarmAddress.parseList(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not a farm address: ")
                .hasMessageNotContaining("\n");
    }
}
