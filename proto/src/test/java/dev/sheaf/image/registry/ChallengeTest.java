package dev.sheaf.image.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ChallengeTest {
    @Test
    void parse_severalChallengesInOneHeader_allRead() {
        assertThat(
                        Challenge.parse(
                                List.of(
                                        "Bearer realm=\"https://auth.example/token\",service=\"r\\\"x\", Scope=a:b , Basic realm=\"x, y\"")))
                .containsExactly(
                        new Challenge(
                                "bearer",
                                Map.of("realm", "https://auth.example/token", "service", "r\"x", "scope", "a:b")),
                        new Challenge("basic", Map.of("realm", "x, y")));
    }

    @Test
    void parse_nonsense_nothing() {
        assertThat(Challenge.parse(List.of("", "=", "\"", "   ,"))).isEmpty();
        assertThat(Challenge.parse(List.of("Basic"))).containsExactly(new Challenge("basic", Map.of()));
    }
}
