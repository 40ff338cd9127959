package dev.sheaf.coordinator.queue.api;

import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.image.Platform;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What would become of a slice that was submitted now.
 *
 * @param agent who would be given it at once; empty: nobody, it would wait
 * @param reason why that agent, or why none, in words
 * @param able the agents that may be given slices of the platform, the preferred first
 * @param ahead slices of the platform that wait already
 * @param history how long such slices took
 */
public record Forecast(
        Platform platform, Optional<AgentId> agent, String reason, List<Able> able, long ahead, History history) {
    public Forecast {
        able = List.copyOf(able);
    }

    /** An agent that may be given slices of the platform. */
    public record Able(AgentId agent, int freeSlots, int slots, boolean emulated) {}

    /**
     * How long slices of the platform took, from the first attempt to the verified image.
     *
     * @param median of those that were counted; empty: there are none
     * @param slices how many were counted
     * @param isOfContext they were of the same context, rather than of any
     */
    public record History(Optional<Duration> median, int slices, boolean isOfContext) {}
}
