package dev.sheaf.coordinator.agents;

import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.Outcome;
import java.util.List;
import java.util.Optional;

/**
 * What an agent says it is doing.
 *
 * @param incarnation the process that calls
 * @param sequence from 1, larger at each call of this incarnation
 * @param held every lease the agent holds: running, or ended and not settled yet
 */
public record SyncCall(
        Incarnation incarnation, long sequence, AgentDescription description, List<Held> held, boolean draining) {

    /**
     * A lease in the agent's hands.
     *
     * @param outcome empty: still running
     */
    public record Held(LeaseId lease, Optional<Outcome> outcome) {}

    public SyncCall {
        held = List.copyOf(held);
        if (sequence < 1) {
            throw new IllegalArgumentException("an agent's calls are numbered from 1, found " + sequence);
        }
    }

    /** Who calls. */
    public AgentId agent() {
        return description.id();
    }
}
