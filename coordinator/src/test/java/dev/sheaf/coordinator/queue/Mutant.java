package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.agents.AgentDescription;
import dev.sheaf.coordinator.agents.SyncAnswer;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.Outcome;
import java.time.Duration;

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
    REGISTRY_FAILURE_ENDS;

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
