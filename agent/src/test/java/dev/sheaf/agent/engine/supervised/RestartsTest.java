package dev.sheaf.agent.engine.supervised;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RestartsTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void pause_containerThatNeverLasts_growsToAMinute() {
        List<Long> pauses = new ArrayList<>();
        Restarts restarts = Restarts.NONE;
        Instant now = START;
        for (int start = 0; start < 10; start++) {
            Duration pause = restarts.pause(now);
            pauses.add(pause.toSeconds());
            now = now.plus(pause);
            restarts = restarts.started(now);
        }

        assertThat(pauses).containsExactly(0L, 0L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);
    }

    @Test
    void pause_containerThatRanForAWhile_none() {
        Restarts restarts = Restarts.NONE.started(START).started(START).started(START);

        assertThat(restarts.pause(START.plusSeconds(1))).isEqualTo(Duration.ofSeconds(3));
        assertThat(restarts.pause(START.plus(Duration.ofMinutes(5)))).isZero();
        assertThat(restarts.started(START.plus(Duration.ofMinutes(5))).starts()).isEqualTo(1);
    }
}
