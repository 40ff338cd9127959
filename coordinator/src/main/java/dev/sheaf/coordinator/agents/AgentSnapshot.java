package dev.sheaf.coordinator.agents;

import dev.sheaf.coordinator.build.SliceId;
import java.time.Instant;
import java.util.List;

/**
 * An agent as the coordinator knows it at one moment.
 *
 * @param holding slices it holds now
 * @param draining it asked for no new slices
 * @param lost it has not called for longer than a lease lives
 */
public record AgentSnapshot(
        AgentDescription description, List<SliceId> holding, Instant lastSeen, boolean draining, boolean lost) {
    public AgentSnapshot {
        holding = List.copyOf(holding);
    }
}
