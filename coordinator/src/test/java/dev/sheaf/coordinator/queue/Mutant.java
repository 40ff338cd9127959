package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.agents.AgentDescription;
import dev.sheaf.coordinator.agents.SyncAnswer;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.Outcome;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.store.Stored;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** A bug planted around the queue, which the simulation must notice. */
enum Mutant {
    NONE,
    /** Leases end at the coordinator before agents stop by themselves. */
    SHORT_LEASE,
    /** Agents believe that leases live far longer than they do. */
    NO_SELF_FENCE,
    /** A delayed call is taken for a new one. */
    NO_SEQUENCE,
    FENCE_REUSE,
    SAME_AGENT_RETRY,
    ENDLESS_ATTEMPTS,
    NO_IDEMPOTENCY,
    /** Tags move although the build was cancelled meanwhile. */
    CANCEL_RACE,
    /** Cancel is acknowledged and not done. */
    CANCEL_IGNORED,
    NO_SLOT_COUNT,
    /** Stitches as soon as the first slice is built. */
    NO_COMPLETENESS,
    /** Believes what agents say they pushed. */
    NO_VERIFICATION,
    NO_EXPIRY,
    USER_FAILURE_RETRIED,
    /** A registry's failure ends the build although attempts are left. */
    REGISTRY_FAILURE_ENDS,
    /** Decisions are told, and acted on, while they are on their way to the store. */
    TELL_BEFORE_KEPT,
    /** Tags move while the store has not kept yet that they do. */
    GATE_NOT_AWAITED,
    /** The store takes decisions of a coordinator that does not lead any more. */
    NO_EPOCH,
    /** Fences begin anew with the process. */
    FORGET_FENCE,
    /** Tags move back to what an older build made of them. */
    NO_TAG_ORDER,
    /** A coordinator does not ask whether it leads before it moves a tag. */
    NO_LEAD_CHECK,
    /** Only a build that has moved all of its tags is known to have moved any. */
    FORGET_HALF_MOVED,
    /** Nobody looks after tags. */
    NO_TAG_RECONCILE,
    /** Builds go on without the credentials that were lost. */
    FORGET_ATTACHMENTS,
    LEASES_EXPIRE_AT_RESTART,
    DROP_ON_RESTORE,
    /** A process does not know who moved tags before it began. */
    FORGET_TAGS,
    FORGET_TAGS_MOVING,
    /** When the processes of agents started is not known after a restart. */
    FORGET_STARTS,
    FORGET_KEYS,
    /** What the registry loses is built again after each restart. */
    FORGET_REBUILT,
    FORGET_ATTEMPTS;

    /** Where slices go. */
    Placement placement(Placement right) {
        return this != SAME_AGENT_RETRY
                ? right
                : (_, offering, _) -> offering.stream()
                        .filter(agent -> agent.isListening() && agent.freeSlots() > 0)
                        .findFirst();
    }

    /** What the queue hears instead of a request. */
    BuildRequest sent(BuildRequest request, long number) {
        return this == NO_IDEMPOTENCY ? keyed(request, request.idempotencyKey() + number) : request;
    }

    private static BuildRequest keyed(BuildRequest request, String key) {
        return new BuildRequest(
                key,
                request.platforms(),
                request.tags(),
                request.push(),
                request.source(),
                request.options(),
                request.waitForAgents(),
                request.submitter());
    }

    /** What a process that begins finds instead of what is stored. */
    Stored loaded(Stored stored) {
        return switch (this) {
            case DROP_ON_RESTORE -> with(stored, stored.builds().stream().filter(build -> !isLeased(build)));
            case FORGET_TAGS -> new Stored(stored.builds(), List.of(), stored.highestFence(), stored.highestOrder());
            case LEASES_EXPIRE_AT_RESTART,
                    FORGET_TAGS_MOVING,
                    FORGET_STARTS,
                    FORGET_KEYS,
                    FORGET_REBUILT,
                    FORGET_ATTEMPTS -> with(stored, stored.builds().stream().map(this::changed));
            default -> stored;
        };
    }

    private static Stored with(Stored stored, Stream<Stored.Build> builds) {
        return new Stored(builds.toList(), stored.tags(), stored.highestFence(), stored.highestOrder());
    }

    private static boolean isLeased(Stored.Build build) {
        return build.slices().stream().anyMatch(slice -> slice.state() instanceof SliceState.Leased);
    }

    private Stored.Build changed(Stored.Build build) {
        return new Stored.Build(
                build.id(),
                build.order(),
                this == FORGET_KEYS ? keyed(build.request(), "forgotten " + build.id()) : build.request(),
                build.hasAttachments(),
                build.submitted(),
                build.slices().stream().map(this::changed).toList(),
                this == FORGET_TAGS_MOVING ? List.of() : build.moving(),
                this != FORGET_REBUILT && build.rebuilt(),
                build.end());
    }

    private Stored.Slice changed(Stored.Slice slice) {
        boolean isFreed = this == LEASES_EXPIRE_AT_RESTART && slice.state() instanceof SliceState.Leased;
        return new Stored.Slice(
                slice.platform(),
                isFreed ? new SliceState.Queued() : slice.state(),
                this == FORGET_ATTEMPTS ? Math.min(slice.attempts(), 1) : slice.attempts(),
                this == FORGET_STARTS ? slice.holder().map(Mutant::whoeverStarted) : slice.holder(),
                slice.times());
    }

    private static Stored.Holder whoeverStarted(Stored.Holder holder) {
        return new Stored.Holder(holder.agent(), holder.incarnation(), 0, holder.emulated(), holder.host());
    }

    /** What the queue hears instead of a call. */
    SyncCall call(SyncCall call, long number) {
        return switch (this) {
            case NO_SEQUENCE ->
                new SyncCall(call.incarnation(), number, call.description(), call.held(), call.draining());
            case NO_SLOT_COUNT ->
                new SyncCall(
                        call.incarnation(),
                        call.sequence(),
                        manySlots(call.description()),
                        call.held(),
                        call.draining());
            case USER_FAILURE_RETRIED ->
                new SyncCall(
                        call.incarnation(),
                        call.sequence(),
                        call.description(),
                        call.held().stream()
                                .map(held -> blame(held, Failure.Kind.USER, Failure.Kind.INFRASTRUCTURE))
                                .toList(),
                        call.draining());
            case REGISTRY_FAILURE_ENDS ->
                new SyncCall(
                        call.incarnation(),
                        call.sequence(),
                        call.description(),
                        call.held().stream()
                                .map(held -> blame(held, Failure.Kind.REGISTRY, Failure.Kind.AUTHENTICATION))
                                .toList(),
                        call.draining());
            default -> call;
        };
    }

    /** What the agent hears instead of an answer. */
    SyncAnswer answer(SyncAnswer answer) {
        long leaseTime = this == NO_SELF_FENCE ? 200 : this == SHORT_LEASE ? 20 : 0; // seconds; 0: as it is
        return leaseTime == 0
                ? answer
                : new SyncAnswer(
                        answer.assignments(),
                        answer.renewed(),
                        answer.stop(),
                        answer.settled(),
                        Duration.ofSeconds(leaseTime));
    }

    private static AgentDescription manySlots(AgentDescription said) {
        return new AgentDescription(said.id(), said.offers(), said.slots() * 3, said.particulars());
    }

    private static SyncCall.Held blame(SyncCall.Held held, Failure.Kind from, Failure.Kind to) {
        return new SyncCall.Held(
                held.lease(),
                held.outcome()
                        .map(outcome -> outcome instanceof Outcome.Failed(Failure failure) && failure.kind() == from
                                ? new Outcome.Failed(Failure.of(to, "blamed"))
                                : outcome));
    }
}
