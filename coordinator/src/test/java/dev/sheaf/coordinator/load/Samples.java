package dev.sheaf.coordinator.load;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/** Times of one kind, in nanoseconds; the first million are kept. */
final class Samples {
    private static final int ROOM = 1_000_000;
    private static final double NANOS_IN_A_MILLISECOND = 1e6;

    private final AtomicLongArray values = new AtomicLongArray(ROOM);
    private final AtomicInteger count = new AtomicInteger();

    void add(long nanos) {
        int index = count.getAndIncrement();
        if (index < ROOM) {
            values.set(index, nanos);
        }
    }

    int count() {
        return count.get();
    }

    /** "p50 1.2 ms, p99 3.4 ms". */
    @Override
    public String toString() {
        int kept = Math.min(count.get(), ROOM);
        if (kept == 0) {
            return "none";
        }
        long[] sorted = new long[kept];
        Arrays.setAll(sorted, values::get);
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "p50 %.1f ms, p99 %.1f ms, most %.1f ms",
                sorted[kept / 2] / NANOS_IN_A_MILLISECOND,
                sorted[(int) (kept * 0.99)] / NANOS_IN_A_MILLISECOND,
                sorted[kept - 1] / NANOS_IN_A_MILLISECOND);
    }
}
