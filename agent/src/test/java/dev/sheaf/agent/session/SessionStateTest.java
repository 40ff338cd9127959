package dev.sheaf.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.sheaf.v1.AgentDescription;
import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.HeldLease;
import dev.sheaf.v1.LeaseRef;
import dev.sheaf.v1.Outcome;
import dev.sheaf.v1.Pushed;
import dev.sheaf.v1.SynchronizeResponse;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class SessionStateTest {
    private static final AgentDescription WHO =
            AgentDescription.newBuilder().setName("a").setSlots(2).build();
    private static final Outcome PUSHED = Outcome.newBuilder()
            .setPushed(Pushed.newBuilder().setDigest("sha256:1"))
            .build();

    /** Starts near the end of the range, so that comparisons which are not made by difference break. */
    private long now = Long.MAX_VALUE - seconds(10);

    private final SessionState state = new SessionState(new Incarnation("inc", 5), Timing.STANDARD);

    @Test
    void request_each_hasALargerSequence() {
        assertThat(state.request(WHO).getSequence()).isEqualTo(1);
        assertThat(state.request(WHO).getSequence()).isEqualTo(2);
    }

    @Test
    void answered_newAssignment_startsOnlyAfterItIsRenewed() {
        assertThat(answer(assign(7))).isEmpty();
        assertThat(state.longestWait()).isZero();
        assertThat(state.request(WHO).getLeasesList()).hasSize(1);
        List<Effect> effects = answer(renew(7));
        assertThat(effects).containsExactly(new Effect.Start(assignment(7)));
        assertThat(state.longestWait()).isEqualTo(Timing.STANDARD.busy());
    }

    @Test
    void answered_sameAssignmentAgain_startsNothing() {
        running(7);
        assertThat(answer(SynchronizeResponse.newBuilder()
                        .addAssignments(assignment(7))
                        .addRenewedFences(7)))
                .isEmpty();
    }

    @Test
    void answered_assignmentOfALeaseThatWasLetGo_saysThatNobodyWorksOnIt() {
        running(7);
        answer(SynchronizeResponse.newBuilder().addStopFences(7));
        assertThat(answer(assign(7))).isEmpty();
        assertThat(answer(renew(7))).isEmpty();
        HeldLease told = state.request(WHO).getLeases(0);
        assertThat(told.getOutcome().hasStopped()).isTrue();
    }

    @Test
    void answered_sameFenceOfAnotherBuild_isAnotherLease() {
        running(7);
        answer(SynchronizeResponse.newBuilder().addStopFences(7));
        Assignment other = assignment(7).toBuilder()
                .setLease(assignment(7).getLease().toBuilder().setBuildId("other"))
                .build();
        answer(SynchronizeResponse.newBuilder().addAssignments(other));
        assertThat(answer(renew(7))).containsExactly(new Effect.Start(other));
    }

    @Test
    void ended_running_isToldUntilSettled() {
        running(7);
        state.ended(7, PUSHED);
        assertThat(state.longestWait()).isZero();
        assertThat(state.request(WHO).getLeases(0).getOutcome()).isEqualTo(PUSHED);
        answer(renew(7));
        assertThat(state.request(WHO).getLeases(0).getOutcome()).isEqualTo(PUSHED);
        answer(SynchronizeResponse.newBuilder().addSettledFences(7));
        assertThat(state.holdsNothing()).isTrue();
    }

    @Test
    void answered_stop_stopsAndForgets() {
        running(7);
        assertThat(answer(SynchronizeResponse.newBuilder().addStopFences(7)))
                .containsExactly(new Effect.Stop(7, "the coordinator took the slice back"));
        state.ended(7, PUSHED);
        assertThat(state.holdsNothing()).isTrue();
    }

    @Test
    void expire_justBeforeNineTenthsOfTheLease_keeps() {
        running(7);
        now += seconds(18) - 1;
        assertThat(state.expire(now)).isEmpty();
    }

    @Test
    void expire_atNineTenthsAfterTheSendTime_stopsAndLaterResultChangesNothing() {
        answer(assign(7));
        long sent = now;
        now += seconds(2);
        state.answered(renew(7).build(), 2, sent, now);
        assertThat(state.nextExpiry(now) - sent).isEqualTo(seconds(18));
        now = sent + seconds(18);
        assertThat(state.expire(now)).containsExactly(new Effect.Stop(7, "the lease could not be renewed in time"));
        state.ended(7, PUSHED);
        assertThat(state.request(WHO).getLeases(0).getOutcome().hasStopped()).isTrue();
    }

    @Test
    void expire_renewedLease_countsFromTheLastRenewalSent() {
        running(7);
        now += seconds(17);
        answer(renew(7));
        now += seconds(17);
        assertThat(state.expire(now)).isEmpty();
        now += seconds(1);
        assertThat(state.expire(now)).hasSize(1);
    }

    @Test
    void answered_renewalThatTookTooLong_doesNotStart() {
        answer(assign(7));
        long sent = now;
        now += seconds(18);
        assertThat(state.answered(renew(7).build(), 2, sent, now)).isEmpty();
    }

    @Test
    void answered_shorterLeaseTime_isObeyed() {
        running(7);
        answer(renew(7).setLeaseTime(Duration.newBuilder().setSeconds(10)));
        now += seconds(9);
        assertThat(state.expire(now)).hasSize(1);
    }

    @Test
    void answered_moreThanSlots_refusesTheRest() {
        answer(SynchronizeResponse.newBuilder()
                .addAssignments(assignment(1))
                .addAssignments(assignment(2))
                .addAssignments(assignment(3)));
        List<HeldLease> told = state.request(WHO).getLeasesList();
        assertThat(told).hasSize(3);
        assertThat(told.get(2).getOutcome().getFailed().getMessage()).contains("all 2 slots");
    }

    @Test
    void drain_newAssignment_isNotTaken() {
        state.drain();
        answer(assign(7));
        assertThat(answer(renew(7))).isEmpty();
        assertThat(state.request(WHO).getDraining()).isTrue();
    }

    @Test
    void stopAll_claimedAndRunning_areToldAsStopped() {
        running(7);
        answer(assign(8));
        assertThat(state.stopAll("bye")).containsExactly(new Effect.Stop(7, "bye"));
        assertThat(state.request(WHO).getLeasesList())
                .allMatch(lease -> lease.getOutcome().getStopped().getReason().equals("bye"));
    }

    @Test
    void failed_nextCallAsksForAnAnswerAtOnce_untilOneComes() {
        running(7);
        assertThat(state.longestWait()).isEqualTo(Timing.STANDARD.busy());
        state.failed();
        assertThat(state.longestWait()).isZero();
        answer(renew(7));
        assertThat(state.longestWait()).isEqualTo(Timing.STANDARD.busy());
    }

    @Test
    void add_moreThanTheLimit_forgetsTheOldest() {
        SeenLeases seen = new SeenLeases(2);
        assertThat(seen.add(assignment(1).getLease())).isTrue();
        assertThat(seen.add(assignment(1).getLease())).isFalse();
        seen.add(assignment(2).getLease());
        seen.add(assignment(3).getLease());
        assertThat(seen.size()).isEqualTo(2);
    }

    @Test
    void next_backoff_growsAndIsBounded() {
        Backoff backoff = new Backoff(Timing.STANDARD.longestBackoff(), new java.util.SplittableRandom(1));
        for (int i = 0; i < 100; i++) {
            assertThat(backoff.next()).isPositive().isLessThanOrEqualTo(Timing.STANDARD.longestBackoff());
        }
    }

    private void running(long fence) {
        answer(assign(fence));
        assertThat(answer(renew(fence))).hasSize(1);
    }

    private List<Effect> answer(SynchronizeResponse.Builder answer) {
        return state.answered(answer.build(), 2, now, now);
    }

    private static SynchronizeResponse.Builder assign(long fence) {
        return SynchronizeResponse.newBuilder().addAssignments(assignment(fence));
    }

    private static SynchronizeResponse.Builder renew(long fence) {
        return SynchronizeResponse.newBuilder().addRenewedFences(fence);
    }

    private static Assignment assignment(long fence) {
        return Assignment.newBuilder()
                .setLease(LeaseRef.newBuilder()
                        .setBuildId("b")
                        .setPlatform("linux/amd64")
                        .setFence(fence))
                .build();
    }

    private static long seconds(long n) {
        return TimeUnit.SECONDS.toNanos(n);
    }
}
