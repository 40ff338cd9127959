package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.agents.Assignment;
import dev.sheaf.coordinator.agents.Incarnation;
import dev.sheaf.coordinator.agents.SyncAnswer;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.Outcome;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.queue.AgentTable.Agent;
import dev.sheaf.coordinator.queue.api.Effect;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.queue.time.Expiries;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.coordinator.store.Stored;
import dev.sheaf.image.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** The life of an attempt: leased, renewed, ended or lost, verified. */
final class Attempts {
    private final BuildTable builds;
    private final Expiries expiries;
    private final Endings endings;
    private final Publishing publishing;
    private final Limits limits;
    private final LongSupplier fences;
    private final Consumer<Effect> out;

    Attempts(
            BuildTable builds,
            Expiries expiries,
            Publishing publishing,
            Limits limits,
            LongSupplier fences,
            Consumer<Effect> out) {
        this.builds = builds;
        this.expiries = expiries;
        this.endings = publishing.endings();
        this.publishing = publishing;
        this.limits = limits;
        this.fences = fences;
        this.out = out;
    }

    void lease(Instant now, SliceRecord slice, Agent agent) {
        boolean first = slice.build.state() == BuildState.QUEUED;
        long fence = fences.getAsLong();
        builds.dequeue(slice);
        Incarnation process = agent.last().incarnation();
        Stored.Holder holder = new Stored.Holder(
                agent.id,
                process.id(),
                process.startedAt(),
                Placement.isEmulated(slice, agent),
                agent.description().particulars().host());
        slice.lease(holder, fence, now);
        slice.leaseEnds = now.plus(limits.times().lease());
        slice.handOutEnds = slice.leaseEnds;
        agent.leases.put(fence, slice);
        endings.agents().tell(agent);
        out.accept(new Effect.Keep(new Decision.Leased(new LeaseId(slice.id, fence), holder, slice.attempt(), now)));
        expiries.at(slice.leaseEnds, due -> expire(due, slice, fence));
        endings.tellSlice(now, slice);
        if (first) {
            endings.tellBuild(slice.build);
        }
    }

    /** An agent holds the slice since before this process began. */
    void resume(Instant now, SliceRecord slice, long fence, Agent agent) {
        slice.leaseEnds = now.plus(limits.times().lease());
        slice.handOutEnds = slice.leaseEnds;
        agent.leases.put(fence, slice);
        expiries.at(slice.leaseEnds, due -> expire(due, slice, fence));
    }

    /**
     * Whether the holder is told of its lease (again, if the answer got lost). Its time starts anew then, for the agent
     * counts from the call that it hears of the lease by; but an agent that never takes it up does not keep it.
     */
    private boolean mayHandOut(Instant now, SliceRecord slice) {
        if (!now.isBefore(slice.handOutEnds) || slice.build.lacksAttachments) {
            return false;
        }
        slice.leaseEnds = now.plus(limits.times().lease());
        return true;
    }

    void renew(Instant now, SliceRecord slice) {
        slice.leaseEnds = now.plus(limits.times().lease());
        if (slice.state() instanceof SliceState.Leased leased) {
            slice.become(new SliceState.Running(leased.agent(), leased.fence()), now);
            endings.tellSlice(now, slice);
        }
    }

    private void expire(Instant now, SliceRecord slice, long fence) {
        if (slice.fence() != fence) {
            return;
        }
        if (slice.leaseEnds.isAfter(now)) {
            expiries.at(slice.leaseEnds, due -> expire(due, slice, fence));
        } else {
            lost(now, slice, "was not heard for " + limits.times().lease().toSeconds() + " s");
        }
    }

    /** An agent reports how the attempt in its hands ended; its slot is free. */
    void ended(Instant now, Agent agent, SliceRecord slice, Outcome outcome) {
        long fence = slice.fence();
        agent.leases.remove(fence);
        switch (outcome) {
            case Outcome.Pushed pushed -> pushed(now, agent.id, slice, pushed.digest());
            case Outcome.Stopped stopped -> lost(now, slice, "stopped: " + stopped.reason());
            case Outcome.Failed failed -> failed(now, slice, failed.failure());
        }
    }

    private void failed(Instant now, SliceRecord slice, Failure failure) {
        switch (failure.kind()) {
            case INFRASTRUCTURE -> lost(now, slice, "failed: " + failure.message());
            case REGISTRY -> registryFailed(now, slice, failure);
            case USER, AUTHENTICATION, VERIFICATION, CAPACITY, ARCHITECTURE -> endings.sliceFailed(now, slice, failure);
        }
    }

    private void pushed(Instant now, AgentId agent, SliceRecord slice, Digest digest) {
        if (slice.build.request.push()) {
            long fence = slice.fence();
            slice.become(new SliceState.Verifying(agent, fence, digest), now);
            endings.tellSlice(now, slice);
            verify(slice, fence, digest);
        } else {
            built(now, slice, Optional.empty());
        }
    }

    /** Asks the registry, unless the credentials for it are missing: then it is asked when they are there. */
    void verify(SliceRecord slice, long fence, Digest digest) {
        if (!slice.build.lacksAttachments) {
            out.accept(new Effect.Verify(slice.build.request, new LeaseId(slice.id, fence), digest));
        }
    }

    void verified(Instant now, SliceRecord slice, long fence, VerifiedSlice image) {
        if (isVerifying(slice, fence)) {
            built(now, slice, Optional.of(image));
        }
    }

    void verifyFailed(Instant now, SliceRecord slice, long fence, Failure failure) {
        if (!(slice.state() instanceof SliceState.Verifying verifying) || verifying.fence() != fence) {
            return;
        }
        slice.verifyTries++;
        if (!Endings.isTriedAgain(failure, slice.verifyTries)) {
            verifyRefused(now, slice, fence, failure);
            return;
        }
        notice(slice, slice.platform() + " is verified again: " + failure.message());
        expiries.at(limits.times().nextTry(now, slice.verifyTries), _ -> {
            if (isVerifying(slice, fence)) {
                verify(slice, fence, verifying.digest());
            }
        });
    }

    /** For good. Who pushed the wrong thing is named: its operator has to look at it. */
    void verifyRefused(Instant now, SliceRecord slice, long fence, Failure failure) {
        if (slice.state() instanceof SliceState.Verifying verifying && verifying.fence() == fence) {
            boolean isWrong = failure.kind() == Failure.Kind.VERIFICATION;
            endings.sliceFailed(now, slice, isWrong ? failure.by(verifying.agent()) : failure);
        }
    }

    private static boolean isVerifying(SliceRecord slice, long fence) {
        return slice.state() instanceof SliceState.Verifying verifying && verifying.fence() == fence;
    }

    private void built(Instant now, SliceRecord slice, Optional<VerifiedSlice> image) {
        slice.become(new SliceState.Built(image), now);
        endings.tellSlice(now, slice);
        publishing.sliceBuilt(now, slice.build);
    }

    /** The attempt came to nothing, by no fault of the build: another one, if there is one left. */
    void lost(Instant now, SliceRecord slice, String what) {
        AgentId agent = slice.agent().orElseThrow();
        String attempt = "attempt " + slice.attempt() + " of " + limits.attempts() + " of " + slice.platform()
                + ": agent " + agent + " " + what;
        slice.failedBy.merge(agent, 1, Integer::sum);
        slice.lastFailure = now;
        if (slice.attempt() >= limits.attempts()) {
            String text = attempt + "; no attempt is left, look at the agents' hosts and engines";
            endings.sliceFailed(now, slice, Failure.of(Failure.Kind.INFRASTRUCTURE, text));
            return;
        }
        notice(slice, attempt + "; the slice is queued again");
        queueAgain(now, slice);
        expiries.at(slice.sameAgentFrom(limits.times().sameAgentBackOff()), _ -> {});
    }

    /**
     * A registry failed the attempt, which is no fault of the agent: after a while any agent may try again, for the
     * engine's cache holds what is built. If no attempt is left, it stays the registry's failure.
     */
    private void registryFailed(Instant now, SliceRecord slice, Failure failure) {
        slice.registryFailedBy.add(slice.agent().orElseThrow());
        String attempt = "attempt " + slice.attempt() + " of " + limits.attempts();
        if (slice.attempt() >= limits.attempts()) {
            String text = failure.message() + " (" + attempt + "; build again when the registry answers)";
            endings.sliceFailed(now, slice, failure.saying(text));
            return;
        }
        Duration pause = limits.times().registryPause(slice.attempt());
        notice(
                slice,
                attempt + " of " + slice.platform() + ": " + failure.message() + "; tried again in " + pause.toSeconds()
                        + " s");
        slice.isPaused = true;
        queueAgain(now, slice);
        expiries.at(now.plus(pause), _ -> slice.isPaused = false);
    }

    private void queueAgain(Instant now, SliceRecord slice) {
        endings.withdraw(slice);
        slice.become(new SliceState.Queued(), now);
        builds.enqueue(slice);
        endings.tellSlice(now, slice);
    }

    private void notice(SliceRecord slice, String text) {
        endings.notice(slice.id.build(), Optional.of(slice.platform()), text);
    }

    /** What the agent should hear now. */
    SyncAnswer answer(Instant now, Agent agent, SyncCall call) {
        List<Assignment> assignments = new ArrayList<>();
        Set<Long> listed = listed(call);
        agent.leases.forEach((fence, slice) -> {
            if (!listed.contains(fence) && mayHandOut(now, slice)) {
                assignments.add(new Assignment(
                        new LeaseId(slice.id, fence), slice.attempt(), slice.isEmulated(), slice.build.request));
            }
        });
        List<Long> renewed = new ArrayList<>();
        List<Long> stop = new ArrayList<>();
        List<Long> settled = new ArrayList<>();
        for (SyncCall.Held held : call.held()) {
            long fence = held.lease().fence();
            if (held.outcome().isPresent()) {
                settled.add(fence);
            } else if (isLive(agent, held.lease())) {
                renewed.add(fence);
            } else {
                stop.add(fence);
            }
        }
        return new SyncAnswer(
                assignments, renewed, stop, settled, limits.times().lease());
    }

    static Set<Long> listed(SyncCall call) {
        return call.held().stream().map(held -> held.lease().fence()).collect(Collectors.toCollection(HashSet::new));
    }

    private static boolean isLive(Agent agent, LeaseId lease) {
        SliceRecord slice = agent.leases.get(lease.fence());
        return slice != null && slice.isLease(lease);
    }
}
