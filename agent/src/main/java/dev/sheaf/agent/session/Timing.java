package dev.sheaf.agent.session;

import java.time.Duration;

/**
 * How often the agent speaks to the coordinator.
 *
 * @param busy between two calls while leases are held: these calls renew them
 * @param idle how long a call may wait for work while nothing is held
 * @param answer beyond the waiting that was asked for, how long an answer may take
 * @param lease how long a renewal holds until the coordinator has said it
 * @param longestBackoff between two tries while the coordinator does not answer
 * @param unconfirmed after a call that brought nothing, the least time to the next
 */
public record Timing(
        Duration busy, Duration idle, Duration answer, Duration lease, Duration longestBackoff, Duration unconfirmed) {

    /** The farm's numbers: a lease of 20 s, renewed every 4 s. */
    public static final Timing STANDARD = new Timing(
            Duration.ofSeconds(4),
            Duration.ofSeconds(15),
            Duration.ofSeconds(5),
            Duration.ofSeconds(20),
            Duration.ofSeconds(2),
            Duration.ofMillis(500));

    /** For a host that is this many times as slow: answers may take longer, as far as leases allow. */
    public Timing times(int factor) {
        Duration longest = lease.multipliedBy(3).dividedBy(4);
        Duration slower = answer.multipliedBy(factor);
        return new Timing(
                busy, idle, slower.compareTo(longest) < 0 ? slower : longest, lease, longestBackoff, unconfirmed);
    }
}
