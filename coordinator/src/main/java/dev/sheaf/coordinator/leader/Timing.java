package dev.sheaf.coordinator.leader;

import java.time.Duration;

/**
 * The times of leading.
 *
 * @param lease how long the row is kept after each renewal
 * @param trusted how long of that the leader itself relies on: clocks do not run alike
 * @param renewal how often the leader renews
 * @param retry how often the others ask, and how soon the leader tries again after a failure
 * @param reach what a request that the database cannot refuse may take to arrive: with less than that left, none is
 *     sent
 */
public record Timing(Duration lease, Duration trusted, Duration renewal, Duration retry, Duration reach) {
    /** A leader that is gone is followed within 7 seconds. */
    public static final Timing DEFAULT = new Timing(
            Duration.ofSeconds(6),
            Duration.ofMillis(5_500),
            Duration.ofSeconds(2),
            Duration.ofMillis(800),
            Duration.ofSeconds(2));

    public Timing {
        if (trusted.compareTo(lease) >= 0 || renewal.plus(reach).compareTo(trusted) >= 0) {
            throw new IllegalArgumentException("a lease is longer than what is trusted of it, and that longer than the"
                    + " time between renewals and a request's way, found " + lease + ", " + trusted + ", " + renewal
                    + ", " + reach);
        }
    }
}
