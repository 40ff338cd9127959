package dev.sheaf.coordinator.build;

import dev.sheaf.coordinator.build.host.Host;
import java.time.Instant;
import java.util.Optional;

/**
 * A slice as it stands at one moment.
 *
 * @param attempt number of the current or last attempt, from 1; 0: none yet
 * @param agent of that attempt; of a slice that an earlier build has built, that build's
 * @param emulated that agent runs the platform under emulation, by its operator's word
 * @param host of that agent, as it was when it was given the slice
 * @param times of the slice
 * @param waitingFor why it waits, for the user; empty unless queued
 */
public record SliceSnapshot(
        SliceId id,
        SliceState state,
        int attempt,
        Optional<AgentId> agent,
        boolean emulated,
        Host host,
        Times times,
        String waitingFor) {

    /**
     * When things happened.
     *
     * @param started the first attempt
     */
    public record Times(Optional<Instant> started, Optional<Instant> ended) {}
}
