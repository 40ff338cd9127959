package dev.sheaf.agent.slice.smoke;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Interrupts a thread when a command takes too long, and only until it is stopped. */
final class SmokeAlarm {
    private final ScheduledExecutorService timer;
    private final Duration limit;
    private final Thread thread;
    private @Nullable ScheduledFuture<?> waiting;
    private boolean isOver;
    private boolean hasRung;

    SmokeAlarm(ScheduledExecutorService timer, Duration limit, Thread thread) {
        this.timer = timer;
        this.limit = limit;
        this.thread = thread;
    }

    Duration limit() {
        return limit;
    }

    /** The command runs now. */
    synchronized void start() {
        if (!isOver) {
            waiting = timer.schedule(this::ring, limit.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void ring() {
        if (!isOver) {
            hasRung = true;
            thread.interrupt();
        }
    }

    /** Called by that thread. True: it has rung; its interruption, if nobody has seen it, is taken back. */
    synchronized boolean stop() {
        if (waiting != null) {
            waiting.cancel(false);
        }
        if (!isOver && hasRung) {
            var _ = Thread.interrupted();
        }
        isOver = true;
        return hasRung;
    }
}
