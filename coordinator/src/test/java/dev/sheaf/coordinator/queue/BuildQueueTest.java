package dev.sheaf.coordinator.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.coordinator.agents.AgentDescription;
import dev.sheaf.coordinator.agents.AgentDescription.Offer;
import dev.sheaf.coordinator.agents.AgentSnapshot;
import dev.sheaf.coordinator.agents.Assignment;
import dev.sheaf.coordinator.agents.Incarnation;
import dev.sheaf.coordinator.agents.SyncAnswer;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.Outcome;
import dev.sheaf.coordinator.build.SliceState.Stage;
import dev.sheaf.coordinator.build.host.Host;
import dev.sheaf.coordinator.queue.api.Effect;
import dev.sheaf.coordinator.queue.api.RefusedException;
import dev.sheaf.coordinator.queue.api.RefusedException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Scenarios: who gets a slice, what a failure does, what a late word does. */
final class BuildQueueTest extends QueueFixture {
    @Test
    void submit_platformNobodyProves_isRefusedWithThoseThereAre() throws Exception {
        sync("amd-1", AMD64);
        assertThatThrownBy(() -> submit(request("k", Optional.empty(), AMD64, ARM64)))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NO_AGENT))
                .hasMessageContaining("no agent proves linux/arm64; the farm has linux/amd64");
    }

    @Test
    void submit_waitsAndNobodyComes_failsForCapacity() throws Exception {
        submit(request("k", Optional.of(Duration.ofSeconds(30)), ARM64));
        pass(29);
        assertThat(build().state()).isEqualTo(BuildState.QUEUED);
        assertThat(build().slices().getFirst().waitingFor()).isEqualTo("no agent proves linux/arm64");
        pass(1);
        assertThat(build().result().failure().orElseThrow().kind()).isEqualTo(Failure.Kind.CAPACITY);
    }

    @Test
    void submit_waitsAndAgentComes_isLeased() throws Exception {
        submit(request("k", Optional.of(Duration.ofSeconds(30)), ARM64));
        pass(29);
        assertThat(sync("arm-1", ARM64).assignments()).hasSize(1);
    }

    @Test
    void submit_sameKey_isTheSameBuildOrRefused() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        assertThat(queue.submit(now, new BuildId("other"), request("k", Optional.empty(), AMD64), false))
                .isEqualTo(BUILD);
        assertThatThrownBy(() -> submit(request("k", Optional.of(Duration.ZERO), AMD64)))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.KEY_REUSED));
    }

    @Test
    void build_allSlicesVerified_isStitchedAndSucceeds() throws Exception {
        sync("amd-1", AMD64);
        sync("arm-1", ARM64);
        submit(request("k", Optional.empty(), AMD64, ARM64));
        LeaseId amd = take("amd-1", AMD64);
        LeaseId arm = take("arm-1", ARM64);
        assertThat(build().state()).isEqualTo(BuildState.BUILDING);
        SyncAnswer answer = sync("amd-1", AMD64, held(amd, PUSHED));
        assertThat(answer.settled()).containsExactly(amd.fence());
        assertThat(queue.isLive(now, amd)).isFalse();
        assertThat(stage(0)).isEqualTo(Stage.VERIFYING);
        queue.verified(now, amd, image(AMD64));
        assertThat(effects()).noneMatch(Effect.Publish.class::isInstance);
        sync("arm-1", ARM64, held(arm, PUSHED));
        queue.verified(now, arm, image(ARM64));
        assertThat(effects()).anyMatch(Effect.Publish.class::isInstance);
        assertThat(build().state()).isEqualTo(BuildState.STITCHING);
        assertThat(queue.openTagGate(BUILD, DIGEST)).isTrue();
        assertThat(queue.cancel(now, BUILD)).contains(BuildState.STITCHING);
        queue.published(now, BUILD, image(AMD64).pushed());
        assertThat(build().state()).isEqualTo(BuildState.SUCCEEDED);
        assertThat(queue.cancel(now, BUILD)).contains(BuildState.SUCCEEDED);
    }

    @Test
    void outcome_userFailure_endsBuildAndStopsSibling() throws Exception {
        sync("amd-1", AMD64);
        sync("arm-1", ARM64);
        submit(request("k", Optional.empty(), AMD64, ARM64));
        LeaseId amd = take("amd-1", AMD64);
        LeaseId arm = take("arm-1", ARM64);
        sync("amd-1", AMD64, held(amd, STEP_FAILED));
        assertThat(build().state()).isEqualTo(BuildState.FAILED);
        assertThat(stage(1)).isEqualTo(Stage.CANCELLED);
        assertThat(sync("arm-1", ARM64, running(arm)).stop()).containsExactly(arm.fence());
        assertThat(build().result().failure().orElseThrow().platform()).contains(AMD64);
    }

    @Test
    void outcome_infrastructureFailure_goesToAnotherAgentEvenWhenItIsBusy() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        LeaseId first = take("amd-1", AMD64);
        sync("amd-2", AMD64);
        pass(10);
        assertThat(sync("amd-1", AMD64, held(first, ENGINE_GONE)).assignments()).isEmpty();
        assertThat(sync("amd-1", AMD64).assignments()).isEmpty();
        List<Assignment> assignments = sync("amd-2", AMD64).assignments();
        assertThat(assignments).extracting(Assignment::attempt).containsExactly(2);
        assertThat(assignments.getFirst().lease().fence()).isGreaterThan(first.fence());
    }

    @Test
    void outcome_onlyOneAgent_retriesThereAfterAWhileUntilAttemptsEnd() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        for (int attempt = 1; attempt <= 3; attempt++) {
            LeaseId lease = take("amd-1", AMD64);
            assertThat(sync("amd-1", AMD64, held(lease, ENGINE_GONE)).assignments())
                    .isEmpty();
            pass(3);
        }
        assertThat(build().state()).isEqualTo(BuildState.FAILED);
        assertThat(build().result().failure().orElseThrow().message())
                .contains("attempt 3 of 3 of linux/amd64: agent amd-1 failed: the engine went away");
    }

    @Test
    void outcome_registryFailure_isTriedAgainThereAfterAPauseAndEndsAsTheRegistrys() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        for (int pause : List.of(5, 20)) {
            LeaseId lease = take("amd-1", AMD64);
            sync("amd-1", AMD64, held(lease, REGISTRY_DOWN));
            assertThat(build().slices().getFirst().waitingFor()).startsWith("a registry that failed");
            for (int second = 0; second < pause; second++) {
                assertThat(sync("amd-1", AMD64).assignments()).isEmpty();
                pass(1);
            }
        }
        sync("amd-1", AMD64, held(take("amd-1", AMD64), REGISTRY_DOWN));
        Failure failure = build().result().failure().orElseThrow();
        assertThat(failure.kind()).isEqualTo(Failure.Kind.REGISTRY);
        assertThat(failure.message()).isEqualTo("down (attempt 3 of 3; build again when the registry answers)");
    }

    @Test
    void outcome_registryFailure_prefersAnAgentThatHasNotTried() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        sync("amd-1", AMD64, held(take("amd-1", AMD64), REGISTRY_DOWN));
        queue.synchronize(now, call("amd-1", "p1", AMD64));
        SyncCall other = call("amd-2", "p1", AMD64);
        queue.synchronize(now, other);
        pass(5);
        assertThat(queue.answer(now, other).orElseThrow().assignments()).hasSize(1);
    }

    @Test
    void outcome_credentialsRefused_endsTheBuildAtOnce() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        Failure refused = Failure.of(Failure.Kind.AUTHENTICATION, "refused");
        sync("amd-1", AMD64, held(take("amd-1", AMD64), new Outcome.Failed(refused)));
        assertThat(build().result().failure()).contains(refused.on(AMD64));
    }

    @Test
    void lease_notRenewed_endsAndItsLateResultChangesNothing() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        LeaseId late = take("amd-1", AMD64);
        pass(15);
        sync("amd-2", AMD64);
        pass(5);
        LeaseId second = sync("amd-2", AMD64).assignments().getFirst().lease();
        SyncAnswer answer = sync("amd-1", AMD64, held(late, PUSHED));
        assertThat(answer.settled()).containsExactly(late.fence());
        queue.verified(now, late, image(AMD64));
        assertThat(stage(0)).isEqualTo(Stage.LEASED);
        assertThat(queue.isLive(now, second)).isTrue();
    }

    @Test
    void synchronize_newProcess_freesLeasesAtOnce() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        take("amd-1", AMD64);
        sync("amd-2", AMD64);
        SyncCall last = call("amd-1", "p1", AMD64);
        queue.synchronize(now, last);
        queue.hungUp(last);
        queue.synchronize(now, call("amd-1", "p2", AMD64));
        assertThat(sync("amd-2", AMD64).assignments()).hasSize(1);
    }

    @Test
    void synchronize_secondLiveProcess_isRefusedAndTheFirstGoesOn() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        LeaseId lease = take("amd-1", AMD64);
        assertThatThrownBy(() -> queue.synchronize(now, call("amd-1", "p2", AMD64)))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NAME_IN_USE));
        assertThat(sync("amd-1", AMD64, running(lease)).renewed()).containsExactly(lease.fence());
    }

    @Test
    void synchronize_earlierSequence_changesNothing() throws Exception {
        SyncCall early = call("amd-1", "p1", AMD64);
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        LeaseId lease = take("amd-1", AMD64);
        assertThat(queue.synchronize(now, early)).isFalse();
        assertThat(queue.answer(now, early)).isEmpty();
        assertThat(queue.isLive(now, lease)).isTrue();
    }

    @Test
    void synchronize_runningLeaseNotListed_isGivenAwayAtOnce() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        LeaseId lease = take("amd-1", AMD64);
        sync("amd-1", AMD64);
        assertThat(queue.isLive(now, lease)).isFalse();
        assertThat(stage(0)).isEqualTo(Stage.QUEUED);
    }

    @Test
    void answer_assignmentLost_isToldAgainForOneLeaseTime() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        LeaseId lease = sync("amd-1", AMD64).assignments().getFirst().lease();
        pass(19);
        assertThat(sync("amd-1", AMD64).assignments().getFirst().lease()).isEqualTo(lease);
        pass(19);
        assertThat(queue.isLive(now, lease)).isTrue();
        assertThat(sync("amd-1", AMD64).assignments()).isEmpty();
        pass(1);
        assertThat(queue.isLive(now, lease)).isFalse();
    }

    @Test
    void slice_thatIsBuilt_namesTheHostOfTheAttemptThatWasAccepted() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        assertThat(build().slices().getFirst().host()).isEqualTo(Host.UNKNOWN);
        LeaseId lost = take("amd-1", AMD64);
        assertThat(build().slices().getFirst().host()).isEqualTo(host("amd-1"));
        sync("amd-2", AMD64);
        sync("amd-1", AMD64, held(lost, ENGINE_GONE));
        LeaseId lease = take("amd-2", AMD64);
        // The host is described anew with each call; the slice keeps what it was given to.
        SyncCall done = call("amd-2", "p1", AMD64, held(lease, PUSHED));
        AgentDescription updated = new AgentDescription(
                new AgentId("amd-2"), done.description().offers(), 1, AgentDescription.Particulars.UNKNOWN);
        queue.synchronize(now, new SyncCall(done.incarnation(), done.sequence(), updated, done.held(), false));
        queue.verified(now, lease, image(AMD64));

        assertThat(stage(0)).isEqualTo(Stage.BUILT);
        assertThat(build().slices().getFirst().agent()).hasValue(new AgentId("amd-2"));
        assertThat(build().slices().getFirst().host()).isEqualTo(host("amd-2"));
    }

    @Test
    void holdBack_givesNothingNew_andWhatRunsGoesOn() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        LeaseId lease = sync("amd-1", AMD64).assignments().getFirst().lease();
        queue.holdBack(now, Set.of(new AgentId("amd-1")));
        assertThat(sync("amd-1", AMD64, running(lease)).renewed()).containsExactly(lease.fence());
        assertThat(queue.agents(now)).singleElement().matches(AgentSnapshot::draining);
        assertThatThrownBy(() -> queue.submit(now, new BuildId("b2"), request("k2", Optional.empty(), AMD64), false))
                .hasMessageContaining("no agent proves linux/amd64");

        queue.holdBack(now, Set.of());

        assertThat(queue.submit(now, new BuildId("b2"), request("k2", Optional.empty(), AMD64), false))
                .isEqualTo(new BuildId("b2"));
    }

    @Test
    void cutOff_givesWhatTheAgentHeldToAnother_atOnce() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        LeaseId lease = sync("amd-1", AMD64).assignments().getFirst().lease();
        sync("amd-1", AMD64, running(lease));
        sync("amd-2", AMD64);
        assertThat(queue.isHolder(new AgentId("amd-1"), lease)).isTrue();
        assertThat(queue.isHolder(new AgentId("amd-2"), lease)).isFalse();

        queue.cutOff(now, new AgentId("amd-1"));

        assertThat(queue.isLive(now, lease)).isFalse();
        assertThat(sync("amd-2", AMD64).assignments().getFirst().attempt()).isEqualTo(2);
        assertThat(queue.agents(now)).singleElement().matches(agent -> !agent.lost());
    }

    @Test
    void placement_nativeAgentIsBusy_emulationWaits() throws Exception {
        sync("arm-1", ARM64);
        submit(request("k", Optional.empty(), ARM64));
        Offer emulated = new Offer(ARM64, true, "operator's word");
        SyncCall call = new SyncCall(new Incarnation("p", 0), 1, describe("amd-1", emulated), List.of(), false);
        queue.synchronize(now, call);
        assertThat(queue.answer(now, call).orElseThrow().assignments()).isEmpty();
    }
}
