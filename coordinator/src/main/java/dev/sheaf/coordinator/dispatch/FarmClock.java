package dev.sheaf.coordinator.dispatch;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** Monotonic time that starts at the wall clock's: a clock that is set ends no lease. */
final class FarmClock {
    private final LongSupplier nanoTime;
    private final Instant origin;
    private final long originNanos;

    FarmClock(InstantSource wall, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.origin = wall.instant();
        this.originNanos = nanoTime.getAsLong();
    }

    Instant now() {
        return origin.plusNanos(nanoTime.getAsLong() - originNanos);
    }

    /** Of no meaning but its differences. */
    long nanos() {
        return nanoTime.getAsLong();
    }
}
