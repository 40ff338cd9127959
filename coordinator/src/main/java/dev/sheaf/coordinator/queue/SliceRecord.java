package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.build.SliceSnapshot;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.build.host.Host;
import dev.sheaf.coordinator.store.Stored;
import dev.sheaf.coordinator.store.Stored.Holder;
import dev.sheaf.image.Platform;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A slice in the making: its state, its lease, and what its attempts taught. */
final class SliceRecord {
    final SliceId id;
    final BuildRecord build;
    /** Place in the queue: a slice keeps it when an attempt is lost. */
    final long order;
    /** Infrastructure failures by agent. */
    final Map<AgentId, Integer> failedBy = new HashMap<>();

    /** Agents whose attempt a registry failed: others come first where they are free. */
    final Set<AgentId> registryFailedBy = new HashSet<>();

    private SliceState state = new SliceState.Queued();
    private int attempt;
    private @Nullable Holder holder;
    private @Nullable Instant started;
    private @Nullable Instant ended;
    /** End of the lease; of no meaning without one. */
    Instant leaseEnds = Instant.MIN;
    /** Until when the holder is told of its lease. */
    Instant handOutEnds = Instant.MIN;
    /** Last infrastructure failure. */
    Instant lastFailure = Instant.MIN;
    /** Since when no agent offers the platform; null: one does, or the slice is not queued. */
    @Nullable Instant unofferedSince;
    /** Queued, but a registry is given time to recover. */
    boolean isPaused;
    /** Tries to verify the current attempt. */
    int verifyTries;

    SliceRecord(SliceId id, BuildRecord build, long order) {
        this.id = id;
        this.build = build;
        this.order = order;
    }

    SliceRecord(SliceId id, BuildRecord build, long order, Stored.Slice stored) {
        this(id, build, order);
        state = stored.state();
        attempt = stored.attempts();
        holder = stored.holder().orElse(null);
        started = stored.times().started().orElse(null);
        ended = stored.times().ended().orElse(null);
        if (holder != null && state instanceof SliceState.Queued) {
            failedBy.put(holder.agent(), 1);
        }
    }

    Platform platform() {
        return id.platform();
    }

    SliceState state() {
        return state;
    }

    boolean isQueued() {
        return state instanceof SliceState.Queued;
    }

    int attempt() {
        return attempt;
    }

    void become(SliceState next, Instant now) {
        if (!state.stage().next().contains(next.stage())) {
            throw new IllegalStateException("slice " + id + " cannot go from " + state + " to " + next);
        }
        state = next;
        ended = next.stage().isTerminal() ? now : null;
    }

    /** An earlier build has built it. */
    void takeOver(SliceState.Built built, Optional<Holder> builder, Instant now) {
        state = built;
        holder = builder.orElse(null);
        ended = now;
    }

    /** Who built it, if that was an earlier build. */
    Optional<Holder> takenFrom() {
        return attempt == 0 ? holder() : Optional.empty();
    }

    /** Begins an attempt in the hands of an agent. */
    void lease(Holder to, long fence, Instant now) {
        become(new SliceState.Leased(to.agent(), fence), now);
        attempt++;
        holder = to;
        verifyTries = 0;
        if (started == null) {
            started = now;
        }
    }

    /** The fence of the live lease; 0: none. */
    long fence() {
        return switch (state) {
            case SliceState.Leased leased -> leased.fence();
            case SliceState.Running running -> running.fence();
            case SliceState.Queued _,
                    SliceState.Verifying _,
                    SliceState.Built _,
                    SliceState.Failed _,
                    SliceState.Cancelled _ -> 0;
        };
    }

    /** From the first attempt to the verified image; empty: it is not built, or an earlier build has built it. */
    Optional<Duration> buildTime() {
        return state instanceof SliceState.Built && started != null && ended != null
                ? Optional.of(Duration.between(started, ended))
                : Optional.empty();
    }

    boolean isEmulated() {
        return holder != null && holder.emulated();
    }

    Optional<Holder> holder() {
        return Optional.ofNullable(holder);
    }

    Optional<AgentId> agent() {
        return holder().map(Holder::agent);
    }

    boolean isLease(LeaseId lease) {
        return lease.fence() == fence() && lease.slice().equals(id);
    }

    /** When an agent that failed this slice may have it again. */
    Instant sameAgentFrom(Duration backOff) {
        return lastFailure.equals(Instant.MIN) ? lastFailure : lastFailure.plus(backOff);
    }

    SliceSnapshot snapshot(String waitingFor) {
        return new SliceSnapshot(
                id,
                state,
                attempt,
                agent(),
                isEmulated(),
                holder().map(Holder::host).orElse(Host.UNKNOWN),
                new SliceSnapshot.Times(Optional.ofNullable(started), Optional.ofNullable(ended)),
                waitingFor);
    }
}
