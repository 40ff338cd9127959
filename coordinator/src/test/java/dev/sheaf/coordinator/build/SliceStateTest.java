package dev.sheaf.coordinator.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.coordinator.build.SliceState.Stage;
import dev.sheaf.image.Platform;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SliceStateTest {
    @ParameterizedTest
    @CsvSource({
        "QUEUED, LEASED FAILED CANCELLED",
        "LEASED, QUEUED RUNNING VERIFYING BUILT FAILED CANCELLED",
        "RUNNING, QUEUED VERIFYING BUILT FAILED CANCELLED",
        "VERIFYING, BUILT FAILED CANCELLED",
        "BUILT, QUEUED",
        "FAILED, ''",
        "CANCELLED, ''"
    })
    void next_eachStage_isTheDrawnTable(Stage from, String to) {
        List<Stage> expected = to.isEmpty()
                ? List.of()
                : List.of(to.split(" ")).stream().map(Stage::valueOf).toList();
        assertThat(from.next()).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(from.isTerminal()).isEqualTo(from.compareTo(Stage.BUILT) >= 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "../x", "a b"})
    void buildId_notAnId_isRefused(String text) {
        assertThatThrownBy(() -> new BuildId(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void buildRequest_samePlatformTwice_isRefused() {
        Platform amd64 = Platform.of("linux", "amd64");
        assertThatThrownBy(() -> new BuildRequest(
                        "key",
                        List.of(amd64, amd64),
                        List.of(),
                        false,
                        new BuildRequest.Source.Url("https://git.example/app"),
                        BuildRequest.Options.defaults(),
                        Optional.empty(),
                        Optional.empty()))
                .hasMessage("a build names each platform once, found [linux/amd64, linux/amd64]");
    }
}
