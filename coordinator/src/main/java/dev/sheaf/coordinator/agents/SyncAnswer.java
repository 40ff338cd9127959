package dev.sheaf.coordinator.agents;

import java.time.Duration;
import java.util.List;

/**
 * What an agent should be doing.
 *
 * @param assignments its leases that it did not list: new ones, or ones whose answer got lost
 * @param renewed listed fences that are renewed, from the moment the call was sent
 * @param stop listed fences to be stopped and forgotten
 * @param settled listed fences whose outcomes are recorded, to be forgotten
 * @param leaseTime how long a renewal holds
 */
public record SyncAnswer(
        List<Assignment> assignments, List<Long> renewed, List<Long> stop, List<Long> settled, Duration leaseTime) {
    public SyncAnswer {
        assignments = List.copyOf(assignments);
        renewed = List.copyOf(renewed);
        stop = List.copyOf(stop);
        settled = List.copyOf(settled);
    }

    /** Nothing to say: the call was late, or nothing changed. */
    public static SyncAnswer nothing(Duration leaseTime) {
        return new SyncAnswer(List.of(), List.of(), List.of(), List.of(), leaseTime);
    }

    /** The renewals alone. */
    public SyncAnswer renewalsOnly() {
        return new SyncAnswer(List.of(), renewed, List.of(), List.of(), leaseTime);
    }

    /** Something the agent should hear at once; a renewal alone is not. */
    public boolean hasNews() {
        return !assignments.isEmpty() || !stop.isEmpty() || !settled.isEmpty();
    }
}
