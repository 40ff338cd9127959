package dev.sheaf.agent.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EngineAddressTest {

    @ParameterizedTest
    @CsvSource({
        "docker:///var/run/docker.sock, DOCKER",
        "unix:///run/buildkit/buildkitd.sock, UNKNOWN",
        "tcp://127.0.0.1:1234, BUILDKIT",
        "tcp://localhost:1234, BUILDKIT",
        "tcp://[::1]:1234, BUILDKIT",
    })
    void parse_knownForms_sayWhatListens(String text, EngineAddress.Kind kind) {
        assertThat(EngineAddress.parse(text).kind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/var/run/docker.sock",
                "unix://",
                "unix://host/path",
                "tcp://127.0.0.1",
                "ssh://host",
                "a b",
                "docker://"
            })
    void parse_others_areRefusedWithASentence(String text) {
        assertThatThrownBy(() -> EngineAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("engine \"" + text + "\" is not ");
    }
}
