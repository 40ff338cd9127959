package dev.sheaf.coordinator.queue.time;

import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * Everything that happens by the passing of time, in one heap. Entries are not cancelled: an action looks at the state
 * first, and does nothing or enters itself again when its reason has moved. So a renewal costs no entry.
 */
public final class Expiries {
    private record Entry(Instant at, long number, Consumer<Instant> action) {}

    private final PriorityQueue<Entry> heap =
            new PriorityQueue<>(Comparator.comparing(Entry::at).thenComparingLong(Entry::number));
    private long entered;

    /** Enters an action for a time. */
    public void at(Instant when, Consumer<Instant> action) {
        heap.add(new Entry(when, entered++, action));
    }

    /** Runs what is due. Actions may enter more; what they enter for now runs in the same call. */
    public void run(Instant now) {
        for (Entry next = heap.peek(); next != null && !next.at().isAfter(now); next = heap.peek()) {
            heap.remove();
            next.action().accept(now);
        }
    }

    /** When something is due next. */
    public Optional<Instant> next() {
        return Optional.ofNullable(heap.peek()).map(Entry::at);
    }

    /** Number of entries. */
    public int size() {
        return heap.size();
    }
}
