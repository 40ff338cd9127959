package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.agents.AgentSnapshot;
import dev.sheaf.coordinator.agents.SyncAnswer;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildRequest.Stitching;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.queue.AgentTable.Admission;
import dev.sheaf.coordinator.queue.AgentTable.Agent;
import dev.sheaf.coordinator.queue.api.Effect;
import dev.sheaf.coordinator.queue.api.Forecast;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.queue.api.RefusedException;
import dev.sheaf.coordinator.queue.api.RefusedException.Reason;
import dev.sheaf.coordinator.queue.time.Expiries;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.coordinator.store.Stored;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Sole owner of scheduling state. Single-threaded: whoever holds it calls one method at a time, with a time that never
 * goes back; what the world must do is fetched with {@link #takeEffects()} after each call. Nothing here blocks, reads
 * a clock or draws a number.
 *
 * <p>An agent's call has three steps, so that it may wait in between: {@link #synchronize} takes what the agent says,
 * {@link #answer} tells what it should hear, as often as asked, and {@link #answered} or {@link #hungUp} ends the call.
 * Slices are leased only to agents with a call open, at the moment they can be told.
 */
public final class BuildQueue {
    private final Limits limits;
    private final List<Effect> effects = new ArrayList<>();
    private final Expiries expiries = new Expiries();
    private final BuildTable builds;
    private final AgentTable agents;
    private final Endings endings;
    private final Publishing publishing;
    private final Attempts attempts;
    private final Restoring restoring;
    private final Matching matching;
    private final Placement placement;
    /** Until then the agents of an earlier process may not have called yet: no build is refused for want of them. */
    private Instant gathering = Instant.MIN;

    /**
     * An empty queue.
     *
     * @param fences draws lease tokens, each larger than all before, in this process and earlier ones
     */
    public BuildQueue(Limits limits, LongSupplier fences) {
        this(limits, fences, new Placement.FreshFirst(limits.times().sameAgentBackOff()));
    }

    BuildQueue(Limits limits, LongSupplier fences, Placement placement) {
        this.limits = limits;
        this.placement = placement;
        builds = new BuildTable(limits);
        agents = new AgentTable(limits);
        Tags tags = new Tags();
        endings = new Endings(builds, agents, tags, expiries, limits, effects::add);
        publishing = new Publishing(builds, tags, expiries, endings, limits, effects::add);
        attempts = new Attempts(builds, expiries, publishing, limits, fences, effects::add);
        matching = new Matching(builds, attempts, endings, expiries, limits);
        Restoring.Parts parts = new Restoring.Parts(attempts, publishing, endings);
        restoring = new Restoring(builds, agents, tags, expiries, parts, limits);
    }

    /** Goes on where an earlier process stopped. The first call of a queue, if at all. */
    public void restore(Instant now, Stored stored) {
        gathering =
                stored.equals(Stored.NOTHING) ? now : now.plus(limits.times().lease());
        restoring.restore(now, stored);
        settle(now);
    }

    /**
     * Accepts a build, or finds the one that this request made before.
     *
     * @param id for the build if it is new
     * @param hasAttachments it brings credentials or secrets
     */
    public BuildId submit(Instant now, BuildId id, BuildRequest request, boolean hasAttachments)
            throws RefusedException {
        expiries.run(now);
        Optional<BuildRecord> known = builds.known(request);
        if (known.isPresent()) {
            if (hasAttachments) {
                attach(now, known.get().id);
            }
            return known.get().id;
        }
        requireAgents(now, request);
        BuildRecord build = builds.accept(now, id, request);
        effects.add(new Effect.Keep(new Decision.Accepted(id, build.order, request, hasAttachments, now)));
        endings.tellBuild(build);
        settle(now);
        return id;
    }

    /** What the build brought that is secret, and was lost, is here again. False: no such build, or it has ended. */
    public boolean attach(Instant now, BuildId id) {
        expiries.run(now);
        BuildRecord build = builds.find(id);
        if (build == null || build.state().isTerminal()) {
            return false;
        }
        restoring.attach(build);
        settle(now);
        return true;
    }

    /**
     * Accepts a build that publishes what an older one has built, or finds the one that this wish made before.
     *
     * @param id for the build if it is new
     */
    public BuildId stitch(Instant now, BuildId id, Stitching wish, boolean hasAttachments) throws RefusedException {
        expiries.run(now);
        BuildId stitched = publishing.stitch(now, id, wish, hasAttachments);
        if (hasAttachments) {
            attach(now, stitched);
        }
        settle(now);
        return stitched;
    }

    private void requireAgents(Instant now, BuildRequest request) throws RefusedException {
        settle(now);
        List<Platform> unproved = request.platforms().stream()
                .filter(platform -> !agents.offered().contains(platform))
                .toList();
        if (!unproved.isEmpty() && request.waitForAgents().isEmpty() && !now.isBefore(gathering)) {
            throw new RefusedException(
                    Reason.NO_AGENT,
                    "no agent proves " + AgentTable.join(unproved) + "; the farm has " + agents.offeredText()
                            + ": start an agent on such a host, or let the build wait for one with --wait");
        }
    }

    /** Ends a build that has not ended, unless its tags move already. Empty: no such build. */
    public Optional<BuildState> cancel(Instant now, BuildId id) {
        expiries.run(now);
        BuildRecord build = builds.find(id);
        if (build != null) {
            endings.cancel(now, build);
            settle(now);
        }
        return Optional.ofNullable(build).map(BuildRecord::state);
    }

    /** Takes what an agent says. False: the call is late, a later one was heard; it gets no answer from here. */
    public boolean synchronize(Instant now, SyncCall call) throws RefusedException {
        expiries.run(now);
        Agent known = agents.find(call.agent());
        Admission admission = agents.admit(now, call);
        if (admission.isLate()) {
            return false;
        }
        Agent agent = admission.agent();
        if (known == null) {
            expiries.at(now.plus(limits.times().lease()), due -> watch(due, agent));
        }
        admission.freed().forEach(slice -> free(now, agent, slice));
        call.held().forEach(held -> hear(now, agent, held));
        dropUnlisted(now, agent, call);
        settle(now);
        return true;
    }

    /** Takes a slice from an earlier process of the agent, which is gone, and its work with it. */
    private void free(Instant now, Agent agent, SliceRecord slice) {
        if (agent.leases.containsKey(slice.fence())) {
            attempts.lost(now, slice, "was started anew");
        }
        agent.stopping.clear();
    }

    private void hear(Instant now, Agent agent, SyncCall.Held held) {
        long fence = held.lease().fence();
        SliceRecord slice = agent.leases.get(fence);
        if (slice == null || !slice.isLease(held.lease())) {
            agent.worksOnWhatItDoesNotHold(fence, held.outcome().isEmpty());
            return;
        }
        if (held.outcome().isEmpty()) {
            attempts.renew(now, slice);
        } else {
            attempts.ended(now, agent, slice, held.outcome().get());
        }
    }

    /** What was running and is not listed any more is not held: the agent lost it. */
    private void dropUnlisted(Instant now, Agent agent, SyncCall call) {
        Set<Long> listed = Attempts.listed(call);
        for (SliceRecord slice : List.copyOf(agent.leases.values())) {
            if (slice.state() instanceof SliceState.Running running && !listed.contains(running.fence())) {
                attempts.lost(now, slice, "dropped it");
                agent.stopping.remove(running.fence());
            }
        }
    }

    /** What the caller should hear now. Empty: a later call of this agent was heard, or another process took its name. */
    public Optional<SyncAnswer> answer(Instant now, SyncCall call) {
        expiries.run(now);
        settle(now);
        Agent agent = agents.find(call.agent());
        if (agent == null || !agent.isCurrent(call)) {
            return Optional.empty();
        }
        return Optional.of(attempts.answer(now, agent, call));
    }

    /** The answer to this call is on its way. */
    public void answered(SyncCall call) {
        agents.stopListening(call, false);
    }

    /** The caller's connection ended after this call, answered or not: its process may have too, and its name is free. */
    public void hungUp(SyncCall call) {
        agents.stopListening(call, true);
    }

    /** The registry holds what the holder of this lease said it pushed. Of no effect if the slice has moved on. */
    public void verified(Instant now, LeaseId lease, VerifiedSlice image) {
        builds.find(lease.slice()).ifPresent(slice -> attempts.verified(now, slice, lease.fence(), image));
        settle(now);
    }

    /** It is not what was asked for, whoever asks the registry again. Of no effect if the slice has moved on. */
    public void verifyRefused(Instant now, LeaseId lease, Failure failure) {
        builds.find(lease.slice()).ifPresent(slice -> attempts.verifyRefused(now, slice, lease.fence(), failure));
        settle(now);
    }

    /** It could not be verified, which may be tried again. Of no effect if the slice has moved on. */
    public void verifyFailed(Instant now, LeaseId lease, Failure failure) {
        builds.find(lease.slice()).ifPresent(slice -> attempts.verifyFailed(now, slice, lease.fence(), failure));
        settle(now);
    }

    /** Asked before the tags of a build move. False: they must not. True: the build cannot be cancelled any more. */
    public boolean openTagGate(BuildId id, Digest index) {
        BuildRecord build = builds.find(id);
        return build != null && publishing.openTagGate(build, index);
    }

    /** A tag points to an index of the build; others may not follow. Of no effect if the build has ended. */
    public void tagMoved(Instant now, BuildId id, ImageReference tag, Digest index) {
        change(now, id, build -> publishing.tagMoved(now, build, tag, index));
    }

    /** The index is pushed and the tags point to it. Of no effect if the build has ended. */
    public void published(Instant now, BuildId id, Descriptor index) {
        change(now, id, build -> publishing.published(now, build, index));
    }

    /** The index or a tag will not be taken, however often it is pushed. Of no effect if the build has ended. */
    public void publishRefused(Instant now, BuildId id, Failure failure) {
        change(now, id, build -> publishing.publishRefused(now, build, failure));
    }

    /** The index or a tag could not be pushed, which may be tried again. Of no effect if the build has ended. */
    public void publishFailed(Instant now, BuildId id, Failure failure) {
        change(now, id, build -> publishing.publishFailed(now, build, failure));
    }

    /** The registry has lost what was verified of these slices. Of no effect if the build has ended. */
    public void publishIncomplete(Instant now, BuildId id, List<Platform> lost, Failure failure) {
        change(now, id, build -> publishing.incomplete(now, build, lost, failure));
    }

    private void change(Instant now, BuildId id, Consumer<BuildRecord> change) {
        BuildRecord build = builds.find(id);
        if (build != null) {
            change.accept(build);
            settle(now);
        }
    }

    /** Lets time pass: ends what is due. */
    public void advance(Instant now) {
        expiries.run(now);
        settle(now);
    }

    /** When time has its next effect. */
    public Optional<Instant> nextExpiry() {
        return expiries.next();
    }

    /** What the world must do for the calls since the last time, in order. */
    public List<Effect> takeEffects() {
        List<Effect> taken = List.copyOf(effects);
        effects.clear();
        return taken;
    }

    /** The agents that should be answered at once, since the last call. */
    public Set<AgentId> takeTold() {
        return agents.takeTold();
    }

    public Optional<BuildSnapshot> build(BuildId id) {
        return Optional.ofNullable(builds.find(id)).map(build -> build.snapshot(endings::waitingFor));
    }

    /** The newest of these builds, newest first. */
    public List<BuildSnapshot> builds(Predicate<BuildRequest> which, int limit) {
        return builds.all().reversed().stream()
                .filter(build -> which.test(build.request))
                .limit(limit)
                .map(build -> build.snapshot(endings::waitingFor))
                .toList();
    }

    public List<Forecast> forecast(Instant now, BuildRequest request) {
        return matching.forecast(now, request, placement);
    }

    public List<AgentSnapshot> agents(Instant now) {
        return agents.snapshots(now);
    }

    /** From now on these agents, and no others, are given nothing new whatever they say. */
    public void holdBack(Instant now, Set<AgentId> ids) {
        agents.holdBack(ids);
        settle(now);
    }

    /** The agent is gone for good: what it holds is given to others. */
    public void cutOff(Instant now, AgentId id) {
        Agent agent = agents.find(id);
        if (agent != null) {
            List.copyOf(agent.leases.values()).forEach(slice -> attempts.lost(now, slice, "was revoked"));
            agents.remove(agent);
            settle(now);
        }
    }

    /** Whether it was this agent that the lease was given to, and it has not given it back. */
    public boolean isHolder(AgentId agent, LeaseId lease) {
        return agents.holder(agent, lease.fence()).isPresent();
    }

    /** Whether an agent holds this lease now. */
    public boolean isLive(Instant now, LeaseId lease) {
        return builds.find(lease.slice())
                .filter(slice -> slice.isLease(lease) && now.isBefore(slice.leaseEnds))
                .isPresent();
    }

    /** How long a renewal holds. */
    public Duration leaseTime() {
        return limits.times().lease();
    }

    /** Things that wait for a time: bounded by leases, agents and slices. */
    int pendingExpiries() {
        return expiries.size();
    }

    /** Brings queue and agents together after anything changed, and lets those publish whose turn has come. */
    private void settle(Instant now) {
        publishing.begin();
        matching.match(now, placement);
    }

    /** Looks after an agent once per lease time: forgets it when it has been gone for long. */
    private void watch(Instant now, Agent agent) {
        agents.doubt();
        if (!agent.isListening()
                && agent.leases.isEmpty()
                && !now.isBefore(agent.lastSeen().plus(limits.times().agentMemory()))) {
            agents.remove(agent);
            return;
        }
        Instant lostAt = agent.lastSeen().plus(leaseTime());
        expiries.at(lostAt.isAfter(now) ? lostAt : now.plus(leaseTime()), due -> watch(due, agent));
    }
}
