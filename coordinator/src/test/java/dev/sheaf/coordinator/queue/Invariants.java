package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.Outcome;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.build.SliceSnapshot;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.queue.api.Effect;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.image.Digest;
import dev.sheaf.image.Platform;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What must hold at every moment of every history; a breach is an {@link AssertionError} that names it. */
final class Invariants {
    /** The shortest pause after a registry's failure. */
    private static final Duration REGISTRY_PAUSE = Duration.ofSeconds(5);

    private final BuildQueue queue;
    private final Map<Digest, Platform> registry;
    private final List<SimAgent> agents;
    private final Map<String, BuildId> byKey = new HashMap<>();
    private final Map<BuildId, BuildState> ended = new HashMap<>();
    private final Set<BuildId> cancelled = new HashSet<>();
    private final Set<SliceId> built = new HashSet<>();
    private final Map<SliceId, AgentId> holders = new HashMap<>();
    private final Map<SliceId, Set<AgentId>> failedBy = new HashMap<>();
    /** When a registry last failed a slice that has not been leased since. */
    private final Map<SliceId, Instant> registryFailed = new HashMap<>();

    private long highestFence;

    Invariants(BuildQueue queue, Map<Digest, Platform> registry, List<SimAgent> agents) {
        this.queue = queue;
        this.registry = registry;
        this.agents = agents;
    }

    void accepted(String key, BuildId id) {
        BuildId before = byKey.putIfAbsent(key, id);
        hold(before == null || before.equals(id), "one key is one build", key);
    }

    void cancelled(BuildId id) {
        cancelled.add(id);
    }

    void see(Instant now, Effect effect) {
        switch (effect) {
            case Effect.Keep(Decision.Leased leased) -> leased(now, leased);
            case Effect.Keep(Decision.SliceMoved moved) -> moved(moved);
            case Effect.BuildChanged(BuildSnapshot build) -> changed(build);
            case Effect.SliceChanged(var slice) ->
                hold(!ended.containsKey(slice.id().build()), "nothing changes after the end", slice);
            case Effect.Keep _,
                    Effect.Notice _,
                    Effect.Verify _,
                    Effect.Publish _,
                    Effect.Release _,
                    Effect.ReleaseSecrets _,
                    Effect.CheckTag _,
                    Effect.Forget _ -> {}
        }
    }

    private void changed(BuildSnapshot build) {
        hold(!ended.containsKey(build.id()), "a build ends once", build);
        if (build.state().isTerminal()) {
            ended.put(build.id(), build.state());
            hold(
                    build.slices().stream()
                            .allMatch(slice -> slice.state().stage().isTerminal()),
                    "no slice outlives its build",
                    build);
        }
        hold(
                !cancelled.contains(build.id()) || build.state() == BuildState.CANCELLED,
                "a cancelled build stays cancelled",
                build);
    }

    private void leased(Instant now, Decision.Leased leased) {
        SliceId slice = leased.lease().slice();
        hold(leased.lease().fence() > highestFence, "fences rise", leased);
        highestFence = leased.lease().fence();
        hold(leased.attempt() <= 3, "attempts are limited", leased);
        hold(!cancelled.contains(slice.build()), "nothing starts after cancel", leased);
        Instant earliest = registryFailed
                .getOrDefault(slice, Instant.EPOCH.minus(REGISTRY_PAUSE))
                .plus(REGISTRY_PAUSE);
        hold(!now.isBefore(earliest), "a registry is given time to recover", leased);
        registryFailed.remove(slice);
        Set<AgentId> failed = failedBy.getOrDefault(slice, Set.of());
        if (failed.contains(leased.agent())) {
            boolean another = queue.agents(now).stream()
                    .anyMatch(agent -> !agent.lost()
                            && !agent.draining()
                            && agent.description().offer(slice.platform()).isPresent()
                            && !failed.contains(agent.description().id()));
            hold(!another, "a slice goes to an agent that has not failed it", leased);
        }
        holders.put(slice, leased.agent());
    }

    private void moved(Decision.SliceMoved moved) {
        if (moved.state() instanceof SliceState.Queued) {
            AgentId holder = holders.get(moved.slice());
            if (holder != null && !registryFailed.containsKey(moved.slice())) {
                failedBy.computeIfAbsent(moved.slice(), _ -> new HashSet<>()).add(holder);
            }
        }
        if (moved.state() instanceof SliceState.Built) {
            hold(built.add(moved.slice()), "a slice has one result", moved);
        }
    }

    void tagsMove(BuildSnapshot build) {
        hold(!cancelled.contains(build.id()), "no tag moves after cancel", build);
        for (var slice : build.slices()) {
            boolean right = slice.state() instanceof SliceState.Built(var image)
                    && image.isPresent()
                    && slice.id()
                            .platform()
                            .equals(registry.get(image.get().pushed().digest()));
            hold(right, "an index names every platform, each by what the registry holds for it", slice);
        }
    }

    /** The failures in a call that the queue has to believe. */
    List<SyncCall.Held> liveFailures(Instant now, SyncCall call, Failure.Kind kind) {
        return call.held().stream()
                .filter(held -> held.outcome().isPresent()
                        && held.outcome().get() instanceof Outcome.Failed(Failure failure)
                        && failure.kind() == kind
                        && queue.isLive(now, held.lease())
                        && queue.agents(now).stream()
                                .anyMatch(agent -> agent.description().id().equals(call.agent())
                                        && agent.holding().contains(held.lease().slice())))
                .toList();
    }

    void userFailuresEndBuilds(List<SyncCall.Held> held) {
        for (SyncCall.Held failed : held) {
            boolean taken = !queue.isLive(Instant.MIN, failed.lease());
            BuildState state = queue.build(failed.lease().build()).orElseThrow().state();
            hold(!taken || state.isTerminal(), "a user failure ends the build", failed);
        }
    }

    void registryFailuresWait(Instant now, List<SyncCall.Held> held) {
        for (SyncCall.Held failed : held) {
            SliceId id = failed.lease().slice();
            if (queue.isLive(Instant.MIN, failed.lease())) {
                continue; // the call was late
            }
            registryFailed.put(id, now);
            SliceSnapshot slice = queue.build(id.build()).orElseThrow().slices().stream()
                    .filter(one -> one.id().equals(id))
                    .findFirst()
                    .orElseThrow();
            boolean right = switch (slice.state()) {
                case SliceState.Queued _ -> slice.attempt() < 3;
                case SliceState.Failed(Failure failure) ->
                    slice.attempt() == 3 && failure.kind() == Failure.Kind.REGISTRY;
                case SliceState.Cancelled _ -> true;
                default -> false;
            };
            hold(right, "a registry's failure is tried again, and stays the registry's", slice);
        }
    }

    void check(Instant now, long millis) {
        Map<SliceId, AgentId> executing = new HashMap<>();
        for (SimAgent agent : agents) {
            long count = 0;
            for (SimAgent.Work work : agent.work.values()) {
                if (work.outcome.isEmpty() && millis < work.leaseEnds) {
                    count++;
                    AgentId other = executing.put(work.lease.slice(), agent.description.id());
                    hold(other == null, "a slice has one holder of an unexpired lease", work.lease);
                }
            }
            hold(count <= agent.description.slots(), "an agent runs at most its slots", agent.description);
        }
        hold(queue.pendingExpiries() <= 400, "what waits for a time is bounded", queue.pendingExpiries());
        hold(queue.nextExpiry().isEmpty() || queue.nextExpiry().get().isAfter(now.minusMillis(1)), "time passes", now);
    }

    void allEnded() {
        byKey.values().forEach(id -> hold(ended.containsKey(id), "every accepted build ends", queue.build(id)));
    }

    private static void hold(boolean holds, String invariant, Object what) {
        if (!holds) {
            throw new AssertionError("\"" + invariant + "\" does not hold: " + what);
        }
    }
}
