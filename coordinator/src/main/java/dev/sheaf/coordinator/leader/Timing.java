package dev.sheaf.coordinator.leader;

import java.time.Duration;

/**
 * The times of leading.
 *
 * @param lease how long the row is kept after each renewal
 * @param trusted how long of that the leader itself relies on: clocks do not run alike
 * @param renewal how often the leader renews
 * @param retry how often the others ask, and how soon the leader tries again after a failure
 */
public record Timing(Duration lease, Duration trusted, Duration renewal, Duration retry) {
    /** A leader that is gone is followed within 7 seconds. */
    public static final Timing DEFAULT =
            new Timing(Duration.ofSeconds(6), Duration.ofMillis(5_500), Duration.ofSeconds(2), Duration.ofMillis(800));

    public Timing {
        if (trusted.compareTo(lease) >= 0 || renewal.compareTo(trusted) >= 0) {
            throw new IllegalArgumentException("a lease is longer than what is trusted of it, and that longer than the"
                    + " time between renewals, found " + lease + ", " + trusted + ", " + renewal);
        }
    }
}
