package dev.sheaf.agent.session;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Waiting times between tries: random, so that a hundred agents do not return in the same moment, and growing. */
final class Backoff {
    private static final Duration FIRST = Duration.ofMillis(250);

    private final Duration longest;
    private final RandomGenerator dice;
    private int failures;

    Backoff(Duration longest, RandomGenerator dice) {
        this.longest = longest;
        this.dice = dice;
    }

    Duration next() {
        long ceiling = Math.min(longest.toNanos(), FIRST.toNanos() << Math.min(failures, 16));
        failures++;
        // Never none at all: a coordinator that refuses at once must not be hammered.
        return Duration.ofNanos(ceiling / 4 + dice.nextLong(ceiling - ceiling / 4 + 1));
    }

    /** For what passes soon, such as a name that an earlier process still holds. */
    Duration first() {
        reset();
        return next().multipliedBy(2);
    }

    void reset() {
        failures = 0;
    }
}
