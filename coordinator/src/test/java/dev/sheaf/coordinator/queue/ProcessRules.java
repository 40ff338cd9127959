package dev.sheaf.coordinator.queue;

import static dev.sheaf.coordinator.queue.Invariants.hold;

import dev.sheaf.coordinator.agents.SyncAnswer;
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
import dev.sheaf.coordinator.build.host.Host;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.coordinator.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What must hold for one process of the coordinator, from its start to its end. */
final class ProcessRules {
    /** The shortest pause after a registry's failure. */
    private static final Duration REGISTRY_PAUSE = Duration.ofSeconds(5);

    private static final int ATTEMPTS = 3;

    /** What a call reports that the queue has to believe. */
    record Failures(List<SyncCall.Held> user, List<SyncCall.Held> registry) {}

    private final BuildQueue queue;
    private final SimStore store;
    private final Instant leasesUntil;
    /** What agents held when the process began, as long as nothing that was heard has changed it. */
    private final Map<SliceId, Long> restored = new HashMap<>();

    private final Map<SliceId, Stored.Holder> holders = new HashMap<>();
    private final Map<SliceId, Set<AgentId>> failedBy = new HashMap<>();
    /** When a registry last failed a slice that has not been leased since. */
    private final Map<SliceId, Instant> registryFailed = new HashMap<>();

    private Optional<SyncCall> heard = Optional.empty();

    ProcessRules(BuildQueue queue, SimStore store, Stored stored, Instant now) {
        this.queue = queue;
        this.store = store;
        this.leasesUntil = now.plus(queue.leaseTime());
        for (Stored.Build build : stored.builds()) {
            for (Stored.Slice slice : build.slices()) {
                SliceId id = new SliceId(build.id(), slice.platform());
                if (build.end().isEmpty() && slice.state() instanceof SliceState.Leased leased) {
                    restored.put(id, leased.fence());
                    holders.put(id, slice.holder().orElseThrow());
                }
                if (slice.state() instanceof SliceState.Queued) {
                    slice.holder().ifPresent(holder -> failedBy.put(id, new HashSet<>(Set.of(holder.agent()))));
                }
            }
        }
    }

    /** A call of an agent is about to be heard. */
    Failures hear(Instant now, SyncCall call) {
        heard = Optional.of(call);
        return new Failures(liveFailures(now, call, Failure.Kind.USER), liveFailures(now, call, Failure.Kind.REGISTRY));
    }

    void heard(Instant now, Failures failures) {
        failures.user().forEach(this::userFailureEndsBuild);
        failures.registry().forEach(failed -> registryFailureWaits(now, failed));
    }

    void hearsNoMore() {
        heard = Optional.empty();
    }

    private List<SyncCall.Held> liveFailures(Instant now, SyncCall call, Failure.Kind kind) {
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

    private void userFailureEndsBuild(SyncCall.Held failed) {
        boolean taken = !queue.isLive(Instant.MIN, failed.lease());
        BuildState state = queue.build(failed.lease().build()).orElseThrow().state();
        hold(!taken || state.isTerminal(), "a user failure ends the build", failed);
    }

    private void registryFailureWaits(Instant now, SyncCall.Held failed) {
        SliceId id = failed.lease().slice();
        if (queue.isLive(Instant.MIN, failed.lease())) {
            return; // the call was late
        }
        registryFailed.put(id, now);
        SliceSnapshot slice = queue.build(id.build()).orElseThrow().slices().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow();
        boolean right = switch (slice.state()) {
            case SliceState.Queued _ -> slice.attempt() < ATTEMPTS;
            case SliceState.Failed(Failure failure) ->
                slice.attempt() == ATTEMPTS && failure.kind() == Failure.Kind.REGISTRY;
            case SliceState.Cancelled _ -> true;
            default -> false;
        };
        hold(right, "a registry's failure is tried again, and stays the registry's", slice);
    }

    void decided(Instant now, Decision decision) {
        switch (decision) {
            case Decision.Leased leased -> leased(now, leased);
            case Decision.SliceMoved moved -> moved(now, moved);
            case Decision.Accepted _,
                    Decision.TagsMove _,
                    Decision.Rebuilt _,
                    Decision.TagMoved _,
                    Decision.Ended _,
                    Decision.Forgotten _ -> {}
        }
    }

    private void leased(Instant now, Decision.Leased leased) {
        SliceId slice = leased.lease().slice();
        hold(!restored.containsKey(slice), "leases survive a restart", leased);
        hold(leased.attempt() <= ATTEMPTS, "attempts are limited", leased);
        Instant earliest = registryFailed
                .getOrDefault(slice, Instant.EPOCH.minus(REGISTRY_PAUSE))
                .plus(REGISTRY_PAUSE);
        hold(!now.isBefore(earliest), "a registry is given time to recover", leased);
        registryFailed.remove(slice);
        Set<AgentId> failed = failedBy.getOrDefault(slice, Set.of());
        if (failed.contains(leased.holder().agent())) {
            boolean another = queue.agents(now).stream()
                    .anyMatch(agent -> !agent.lost()
                            && !agent.draining()
                            && agent.description().offer(slice.platform()).isPresent()
                            && !failed.contains(agent.description().id()));
            hold(!another, "a slice goes to an agent that has not failed it", leased);
        }
        holders.put(slice, leased.holder());
    }

    private void moved(Instant now, Decision.SliceMoved moved) {
        boolean wasRestored = restored.remove(moved.slice()) != null;
        if (moved.state() instanceof SliceState.Built) {
            holders.remove(moved.slice()); // if it is built again, nobody has failed it
        }
        if (moved.state() instanceof SliceState.Queued) {
            boolean isDue = !now.isBefore(leasesUntil);
            hold(!wasRestored || heard.isPresent() || isDue, "leases survive a restart", moved);
            Stored.Holder holder = holders.get(moved.slice());
            hold(!wasRestored || isDue || !isEarlier(holder), "an earlier process takes nothing back", moved);
            if (holder != null && !registryFailed.containsKey(moved.slice())) {
                failedBy.computeIfAbsent(moved.slice(), _ -> new HashSet<>()).add(holder.agent());
            }
        }
    }

    /** Whether the call that is heard comes from a process of the holder's name that started before the holder. */
    private boolean isEarlier(Stored.@Nullable Holder holder) {
        return holder != null
                && heard.filter(call -> call.agent().equals(holder.agent())
                                && call.incarnation().startedAt() < holder.startedAt())
                        .isPresent();
    }

    /** An agent is about to hear this. */
    void answers(SyncCall call, SyncAnswer answer) {
        for (SyncCall.Held held : call.held()) {
            long fence = held.lease().fence();
            boolean isKept = restored.getOrDefault(held.lease().slice(), 0L) == fence;
            hold(
                    !isKept || held.outcome().isPresent() || !answer.stop().contains(fence),
                    "leases survive a restart",
                    held);
        }
    }

    void isBounded() {
        hold(queue.pendingExpiries() <= 400, "what waits for a time is bounded", queue.pendingExpiries());
    }

    /** What was due is done. */
    void timePasses(Instant now) {
        Optional<Instant> next = queue.nextExpiry();
        hold(next.isEmpty() || next.get().isAfter(now.minusMillis(1)), "time passes", now);
    }

    /** Everything that was decided is kept. */
    void matchesStore() {
        List<Stored.Build> stored = store.load().builds();
        hold(
                stored.size() == queue.builds(_ -> true, Integer.MAX_VALUE).size(),
                "what is stored is what lives",
                stored.size());
        stored.forEach(this::matches);
    }

    /** Everything that was decided is kept, last of all these. */
    void matchesStore(List<Decision> kept) {
        Set<BuildId> touched = kept.stream().map(Decision::build).collect(Collectors.toSet());
        if (!touched.isEmpty()) {
            store.load().builds().stream()
                    .filter(build -> touched.contains(build.id()))
                    .forEach(this::matches);
        }
    }

    private void matches(Stored.Build stored) {
        Optional<BuildSnapshot> found = queue.build(stored.id());
        hold(found.isPresent(), "what is stored is what lives", stored);
        BuildSnapshot live = found.orElseThrow();
        boolean sameEnd = stored.end()
                .map(end -> end.state() == live.state() && end.result().equals(live.result()))
                .orElse(!live.state().isTerminal());
        boolean same = sameEnd
                && stored.request().equals(live.request())
                && stored.submitted().equals(live.submitted())
                && stored.slices().size() == live.slices().size();
        for (int i = 0; same && i < live.slices().size(); i++) {
            same = isSame(stored.slices().get(i), live.slices().get(i));
        }
        hold(same, "what is stored is what lives", List.of(stored, live));
    }

    private static boolean isSame(Stored.Slice stored, SliceSnapshot live) {
        SliceState state = live.state() instanceof SliceState.Running(AgentId agent, long fence)
                ? new SliceState.Leased(agent, fence)
                : live.state();
        return stored.platform().equals(live.id().platform())
                && stored.state().equals(state)
                && stored.attempts() == live.attempt()
                && stored.holder().map(Stored.Holder::agent).equals(live.agent())
                && stored.holder().map(Stored.Holder::emulated).orElse(false) == live.emulated()
                && stored.holder().map(Stored.Holder::host).orElse(Host.UNKNOWN).equals(live.host())
                && stored.times().started().equals(live.times().started())
                && stored.times().ended().equals(live.times().ended());
    }
}
