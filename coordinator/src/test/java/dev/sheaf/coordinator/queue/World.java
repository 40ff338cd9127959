package dev.sheaf.coordinator.queue;

import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/** Virtual time in milliseconds, chance from one seed, a bad network, and the count of what went wrong. */
final class World {
    /** From then on nothing goes wrong that did not begin before. */
    static final long CHAOS_ENDS = 100_000;

    private record Event(long at, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at == other.at ? Long.compare(number, other.number) : Long.compare(at, other.at);
        }
    }

    final Mutant mutant;
    final SplittableRandom random;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Map<Fault, Long> faults = new EnumMap<>(Fault.class);
    private long now;
    private long drawn;

    World(long seed, Mutant mutant) {
        this.random = new SplittableRandom(seed);
        this.mutant = mutant;
    }

    long now() {
        return now;
    }

    Instant instant() {
        return Instant.ofEpochMilli(now);
    }

    /** A number that was not drawn before. */
    long draw() {
        return drawn++;
    }

    boolean is(Mutant planted) {
        return mutant == planted;
    }

    boolean isChaos() {
        return now < CHAOS_ENDS;
    }

    boolean oneIn(int many) {
        return random.nextInt(many) == 0;
    }

    /** Whether this goes wrong now: one time in many, and only in the time of chaos. */
    boolean strikes(Fault fault, int oneIn) {
        boolean strikes = isChaos() && oneIn(oneIn);
        if (strikes) {
            note(fault);
        }
        return strikes;
    }

    void note(Fault fault) {
        faults.merge(fault, 1L, Long::sum);
    }

    Map<Fault, Long> faults() {
        return faults;
    }

    void at(long delay, Runnable action) {
        events.add(new Event(now + delay, draw(), action));
    }

    /** Delays, sometimes for long; drops; duplicates. */
    void network(Runnable delivery) {
        if (strikes(Fault.MESSAGE_LOST, 20)) {
            return;
        }
        at(delay(), delivery);
        if (strikes(Fault.MESSAGE_TWICE, 20)) {
            at(delay(), delivery);
        }
    }

    private long delay() {
        return strikes(Fault.MESSAGE_LATE, 12) ? random.nextInt(30_000) : 1 + random.nextInt(100);
    }

    /** When the next event is. */
    long nextEvent() {
        return events.isEmpty() ? Long.MAX_VALUE : events.element().at();
    }

    void runNext() {
        Event event = events.remove();
        moveTo(event.at());
        event.action().run();
    }

    void moveTo(long moment) {
        now = Math.max(now, moment);
    }
}
