package dev.sheaf.agent.slice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.LeaseRef;
import dev.sheaf.v1.Outcome;
import dev.sheaf.v1.Pushed;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class TimeLimitTest {
    private static final Assignment SLICE = Assignment.newBuilder()
            .setLease(LeaseRef.newBuilder().setPlatform("linux/amd64"))
            .build();
    private static final Outcome PUSHED = Outcome.newBuilder()
            .setPushed(Pushed.newBuilder().setDigest("sha256:1"))
            .build();

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    @Test
    void run_longerThanAllowed_isStoppedAndTheBuildsOwnFailure() throws InterruptedException {
        Outcome outcome = limit(Duration.ofMillis(50), _ -> {
                    new CountDownLatch(1).await();
                    return PUSHED;
                })
                .run(SLICE);

        assertThat(outcome.getFailed().getKind()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
        assertThat(outcome.getFailed().getMessage()).contains("--time-limit");
        assertThat(outcome.getFailed().getPlatform()).isEqualTo("linux/amd64");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void run_inTime_leavesTheThreadAlone() throws InterruptedException {
        assertThat(limit(Duration.ofMillis(50), _ -> PUSHED).run(SLICE)).isEqualTo(PUSHED);

        CountDownLatch later = new CountDownLatch(1);
        var _ = timer.schedule(later::countDown, 100, java.util.concurrent.TimeUnit.MILLISECONDS);
        later.await();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void run_stoppedByTheFarm_isNotTheLimit() {
        TimeLimit limited = limit(Duration.ofHours(1), _ -> {
            throw new InterruptedException("taken back");
        });

        assertThatThrownBy(() -> limited.run(SLICE)).isInstanceOf(InterruptedException.class);
    }

    private TimeLimit limit(Duration limit, SliceRunner inner) {
        return new TimeLimit(inner, limit, timer);
    }
}
