package dev.sheaf.agent.slice;

import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.Failure;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.Outcome;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Ends an attempt that takes longer than the operator allows. That is the build's own failure: it is not retried. */
public final class TimeLimit implements SliceRunner {
    private final SliceRunner inner;
    private final Duration limit;
    private final ScheduledExecutorService timer;

    public TimeLimit(SliceRunner inner, Duration limit, ScheduledExecutorService timer) {
        this.inner = inner;
        this.limit = limit;
        this.timer = timer;
    }

    @Override
    public Outcome run(Assignment assignment) throws InterruptedException {
        Thread runner = Thread.currentThread();
        AtomicBoolean over = new AtomicBoolean();
        AtomicBoolean finished = new AtomicBoolean();
        ScheduledFuture<?> alarm = timer.schedule(
                () -> {
                    over.set(true);
                    if (!finished.get()) {
                        runner.interrupt();
                    }
                },
                limit.toMillis(),
                TimeUnit.MILLISECONDS);
        try {
            return inner.run(assignment);
        } catch (InterruptedException e) {
            if (!over.get()) {
                throw e;
            }
            return Outcomes.failed(Failure.newBuilder()
                    .setKind(FailureClass.FAILURE_CLASS_USER)
                    .setMessage("the slice took longer than the agent's limit of " + limit.toMinutes()
                            + " minutes and was stopped; make it faster, or raise sheaf-agent --time-limit")
                    .setPlatform(assignment.getLease().getPlatform())
                    .build());
        } finally {
            finished.set(true);
            alarm.cancel(false);
        }
    }
}
