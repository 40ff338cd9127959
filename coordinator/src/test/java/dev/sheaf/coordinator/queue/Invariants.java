package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.agents.SyncAnswer;
import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.build.SliceSnapshot;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What must hold in every history of a farm, whichever of its processes die; a breach is an {@link AssertionError} that
 * names it.
 */
final class Invariants {
    private final Map<String, BuildId> byKey = new HashMap<>();
    private final Map<BuildId, Decision.Accepted> accepted = new HashMap<>();
    private final Map<BuildId, Decision.Ended> ended = new HashMap<>();
    private final Set<BuildId> brought = new HashSet<>();
    private final Set<BuildId> cancelled = new HashSet<>();
    /** Builds whose tags move or have moved. */
    private final Set<BuildId> moving = new HashSet<>();

    private final Set<BuildId> rebuilt = new HashSet<>();
    private final Map<SliceId, SliceState> states = new HashMap<>();
    private final Set<Long> fences = new HashSet<>();
    /** The largest order of a build that moved the tag. */
    private final Map<ImageReference, Long> moved = new HashMap<>();

    /** What tags were seen to point to, by the order of its build. */
    private final Map<ImageReference, TreeMap<Long, Digest>> seen = new HashMap<>();

    private long highestFence;

    static void hold(boolean holds, String invariant, Object what) {
        if (!holds) {
            throw new AssertionError("\"" + invariant + "\" does not hold: " + what);
        }
    }

    /** The store has kept a decision. */
    void kept(Decision decision) {
        BuildId build = decision.build();
        hold(!ended.containsKey(build) || decision instanceof Decision.Forgotten, "a build ends once", decision);
        switch (decision) {
            case Decision.Accepted fresh -> accepted.put(build, fresh);
            case Decision.Leased leased -> leased(leased);
            case Decision.SliceMoved changed -> {
                boolean isSecond = states.get(changed.slice()) instanceof SliceState.Built
                        && !(changed.state() instanceof SliceState.Queued);
                hold(!isSecond, "a slice has one result, unless a registry loses it", decision);
                states.put(changed.slice(), changed.state());
            }
            case Decision.TagsMove _ -> moving.add(build);
            case Decision.Rebuilt _ -> hold(rebuilt.add(build), "what a registry lost is built again once", build);
            case Decision.TagMoved tag -> moved.merge(tag.tag(), request(build).order(), Math::max);
            case Decision.Ended end -> {
                boolean isOver = request(build).request().platforms().stream()
                        .map(platform -> states.get(new SliceId(build, platform)))
                        .allMatch(state -> state != null && state.stage().isTerminal());
                hold(isOver, "no slice outlives its build", decision);
                ended.put(build, end);
            }
            case Decision.Forgotten _ -> throw new AssertionError("nothing is forgotten here: " + decision);
        }
    }

    private void leased(Decision.Leased leased) {
        long fence = leased.lease().fence();
        hold(fence > highestFence, "fences rise", leased);
        highestFence = fence;
        fences.add(fence);
        states.put(leased.lease().slice(), new SliceState.Leased(leased.holder().agent(), fence));
    }

    private Decision.Accepted request(BuildId id) {
        return Optional.ofNullable(accepted.get(id)).orElseThrow();
    }

    boolean hasEnded(BuildId id) {
        return ended.containsKey(id);
    }

    /** A client is told which build its request is. */
    void accepted(String key, BuildId id, boolean brings) {
        hold(accepted.containsKey(id), "nothing is told before it is kept", id);
        BuildId before = byKey.putIfAbsent(key, id);
        hold(before == null || before.equals(id), "one key is one build", key);
        if (brings) {
            brought.add(id);
        }
    }

    /** A client is told that its build is cancelled. */
    void cancelled(BuildId id) {
        Decision.Ended end = ended.get(id);
        hold(end != null, "nothing is told before it is kept", id);
        hold(end != null && end.state() == BuildState.CANCELLED, "a cancelled build stays cancelled", id);
        hold(!moving.contains(id), "a build whose tags move is not cancelled", id);
        cancelled.add(id);
    }

    /** Watchers are told of a build. */
    void told(BuildSnapshot build) {
        Decision.Ended end = ended.get(build.id());
        boolean isKept = build.state().isTerminal()
                ? end != null && end.state() == build.state()
                : accepted.containsKey(build.id());
        hold(isKept, "nothing is told before it is kept", build);
    }

    /** Watchers are told of a slice. */
    void told(SliceSnapshot slice) {
        SliceState kept = states.get(slice.id());
        boolean isTerminal = slice.state().stage().isTerminal();
        hold(!isTerminal || slice.state().equals(kept), "nothing is told before it is kept", slice);
    }

    /** An agent is told. */
    void told(SyncAnswer answer) {
        answer.assignments()
                .forEach(assignment -> hold(
                        fences.contains(assignment.lease().fence()), "nothing is told before it is kept", assignment));
    }

    /** Something is done for a build for which its credentials are needed. */
    void goesOn(BuildId id, boolean holdsThem) {
        hold(holdsThem || !brought.contains(id), "no build goes on without its credentials", id);
    }

    /**
     * A tag is sent on its way.
     *
     * @param isLatest by a coordinator from which nobody has taken over
     */
    void tagMoves(BuildSnapshot build, ImageReference tag, SimRegistry.Index index, boolean isLatest) {
        BuildId id = build.id();
        hold(
                index.manifests().keySet().equals(Set.copyOf(build.request().platforms())),
                "an index names every platform",
                index);
        index.manifests().forEach((platform, digest) -> {
            boolean isBuilt = states.get(new SliceId(id, platform)) instanceof SliceState.Built(var image)
                    && image.isPresent()
                    && image.get().pushed().digest().equals(digest);
            hold(isBuilt, "an index names what was verified", index);
        });
        hold(moving.contains(id), "no tag moves before it is kept that it does", id);
        hold(!cancelled.contains(id), "no tag moves after cancel", id);
        hold(isLatest, "only the leader moves tags", id);
        hold(request(id).order() >= moved.getOrDefault(tag, 0L), "no build moves the tag of a newer one", id);
    }

    /** A tag arrives at the registry. */
    void tagMoved(BuildId id, SimRegistry registry, Digest digest) {
        hold(!cancelled.contains(id), "no tag moves after cancel", id);
        for (Map.Entry<Platform, Digest> slice :
                registry.index(digest).manifests().entrySet()) {
            hold(
                    registry.manifest(slice.getValue()).equals(Optional.of(slice.getKey())),
                    "a tag holds the right architecture for every platform",
                    slice);
        }
    }

    /** By the clocks of those who work. */
    void agentsWork(List<SimAgent> agents, long millis) {
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
    }

    void allEnded() {
        accepted.keySet().forEach(id -> hold(ended.containsKey(id), "every accepted build ends", id));
    }

    /** A tag was at an index of a build, and that is kept. */
    void tagSeen(BuildId id, ImageReference tag, Digest index) {
        seen.computeIfAbsent(tag, _ -> new TreeMap<>()).put(request(id).order(), index);
    }

    /** In the end a tag points to what the newest build has made that is known to have moved it. */
    void tagsAreRight(SimRegistry registry) {
        accepted.values().stream()
                .flatMap(build -> build.request().tags().stream())
                .distinct()
                .forEach(tag -> isRight(registry, tag));
    }

    private void isRight(SimRegistry registry, ImageReference tag) {
        Optional<Map.Entry<Long, Digest>> newest =
                Optional.ofNullable(seen.get(tag)).map(TreeMap::lastEntry);
        hold(newest.isEmpty() || !registry.isBroken(tag), "a tag that a registry broke is mended", tag);
        Optional<Digest> found = registry.read(tag);
        if (found.equals(newest.map(Map.Entry::getValue))) {
            return;
        }
        // A build that failed in mid-move may have moved it, and not have seen it.
        boolean isUnseen = found.map(digest -> registry.index(digest).build())
                .filter(owner -> moving.contains(owner)
                        && published(request(owner)).isEmpty()
                        && request(owner).order()
                                >= newest.map(Map.Entry::getKey).orElse(0L))
                .isPresent();
        hold(isUnseen, "a tag ends at the newest build that moved it", List.of(tag, found, newest));
    }

    private Optional<Digest> published(Decision.Accepted build) {
        return Optional.ofNullable(ended.get(build.build()))
                .filter(end -> end.state() == BuildState.SUCCEEDED)
                .flatMap(end -> end.result().index())
                .map(Descriptor::digest);
    }
}
