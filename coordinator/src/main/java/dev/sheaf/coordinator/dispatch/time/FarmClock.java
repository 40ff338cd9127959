package dev.sheaf.coordinator.dispatch.time;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** Monotonic time that starts at the wall clock's: a clock that is set ends no lease. */
public final class FarmClock {
    private final LongSupplier nanoTime;
    private final Instant origin;
    private final long originNanos;

    public FarmClock(InstantSource wall, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.origin = wall.instant();
        this.originNanos = nanoTime.getAsLong();
    }

    public Instant now() {
        return origin.plusNanos(nanoTime.getAsLong() - originNanos);
    }

    /** Of no meaning but its differences. */
    public long nanos() {
        return nanoTime.getAsLong();
    }
}
