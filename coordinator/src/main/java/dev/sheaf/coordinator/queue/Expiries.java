package dev.sheaf.coordinator.queue;

import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * Everything that happens by the passing of time, in one heap. Entries are not cancelled: an action looks at the state
 * first, and does nothing or enters itself again when its reason has moved. So a renewal costs no entry.
 */
final class Expiries {
    private record Entry(Instant at, long number, Consumer<Instant> action) {}

    private final PriorityQueue<Entry> heap =
            new PriorityQueue<>(Comparator.comparing(Entry::at).thenComparingLong(Entry::number));
    private long entered;

    void at(Instant when, Consumer<Instant> action) {
        heap.add(new Entry(when, entered++, action));
    }

    /** Runs what is due. Actions may enter more; what they enter for now runs in the same call. */
    void run(Instant now) {
        for (Entry next = heap.peek(); next != null && !next.at().isAfter(now); next = heap.peek()) {
            heap.remove();
            next.action().accept(now);
        }
    }

    Optional<Instant> next() {
        return Optional.ofNullable(heap.peek()).map(Entry::at);
    }

    int size() {
        return heap.size();
    }
}
