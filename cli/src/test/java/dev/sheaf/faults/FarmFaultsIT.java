package dev.sheaf.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.farm.Program;
import dev.sheaf.faults.chaos.ChaosProxy;
import dev.sheaf.v1.Agent;
import dev.sheaf.v1.AgentServiceGrpc;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.BuildServiceGrpc;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.LeaseRef;
import dev.sheaf.v1.ListAgentsRequest;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.ReportRequest;
import dev.sheaf.v1.ReportResponse;
import dev.sheaf.v1.SliceStage;
import dev.sheaf.v1.SubmitRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows that need hundreds of agents or clients, or ones that misbehave: a real coordinator, and scripted callers. */
final class FarmFaultsIT extends FaultsFixture {
    private static final int LOST_REPLIES = 100;

    private Site site;

    @BeforeEach
    void begin() throws Exception {
        site = open();
    }

    @Test
    void A10_resultsTwiceLateAndOutOfOrder_oneOutcomeEach() throws Exception {
        // Each attempt's result is repeated by the next calls until it is settled; every fourth agent call is cut off
        // by a new process of the same name, which knows nothing of its leases.
        Random dice = new Random(7);
        List<ScriptedAgent> agents = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            agents.add(site.fake("a" + i, AMD64, 4, _ -> {
                Thread.sleep(50);
                return ScriptedAgent.pushed();
            }));
        }
        List<String> builds = new ArrayList<>();
        int restarts = 0;
        for (int i = 0; i < 200; i++) {
            builds.add(site.api().submit(Api.check(AMD64)));
            if (i % 20 == 19) {
                // No slice lives to see a third restart, with which its attempts would be used up.
                for (String earlier : builds.subList(0, Math.max(0, i - 39))) {
                    site.api().awaitEnd(earlier, MINUTE);
                }
                agents.get(dice.nextInt(agents.size())).restart();
                restarts++;
            }
        }
        assertThat(restarts).isPositive();
        for (String build : builds) {
            Build end = site.api().awaitEnd(build, MINUTE);
            assertThat(end.getState()).as(end.getFailure().getMessage()).isEqualTo(BuildState.BUILD_STATE_SUCCEEDED);
        }
        site.judge();
    }

    @Test
    void A12_twoAgentsOfOneName_secondIsRefusedByName_firstGoesOn() throws Exception {
        ScriptedAgent first = site.fake("arm-3", AMD64, 1, _ -> {
            Thread.sleep(3_000);
            return ScriptedAgent.pushed();
        });
        String build = site.api().submit(Api.check(AMD64));
        site.api().awaitSlice(build, SliceStage.SLICE_STAGE_RUNNING, 1, MINUTE);

        ScriptedAgent second = site.owns(ScriptedAgent.join(
                site.api().channel(), "arm-3", AMD64, 1, _ -> ScriptedAgent.pushed(), site.record()));

        Program.await("the second is refused", MINUTE, () -> !second.refusals().isEmpty());
        Status refusal = second.refusals().getFirst();
        assertThat(refusal.getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
        assertThat(refusal.getDescription()).contains("arm-3");
        assertThat(site.api().awaitEnd(build, MINUTE).getSlices(0).getAttempt()).isEqualTo(1);
        assertThat(first.refusals()).isEmpty();
        assertThat(second.hasJoined()).isFalse();
        site.judge();
    }

    @Test
    void A14_500AgentsJoinAtOnce_allKnownWithin15s() throws Exception {
        List<ManagedChannel> channels = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            ManagedChannel channel = Api.channel(site.address());
            channels.add(channel);
            site.owns(channel::shutdownNow);
        }
        List<ScriptedAgent> agents = IntStream.range(0, 500)
                .mapToObj(i -> ScriptedAgent.join(
                        channels.get(i % channels.size()),
                        "s" + i,
                        AMD64,
                        1,
                        _ -> ScriptedAgent.pushed(),
                        site.record()))
                .toList();
        agents.forEach(site::owns);

        Program.await(
                "500 agents are known",
                Site.within(Duration.ofSeconds(15)),
                () -> site.api().agents().size() == 500);
        assertThat(agents).allMatch(agent -> agent.refusals().isEmpty());
        List<String> builds = IntStream.range(0, 500)
                .mapToObj(_ -> site.api().submit(Api.check(AMD64)))
                .toList();
        for (String build : builds) {
            site.api().awaitEnd(build, MINUTE);
        }
        site.judge();
    }

    @Test
    void A15_sliceThatKillsItsAgents_endsAfterThreeDifferentOnes() throws Exception {
        List<ScriptedAgent> agents = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            String name = "p" + i;
            agents.add(site.fake(name, AMD64, 1, _ -> {
                agents.stream().filter(agent -> agent.name().equals(name)).forEach(ScriptedAgent::restart);
                Thread.sleep(10_000);
                return ScriptedAgent.pushed();
            }));
        }
        String build = site.api().submit(Api.check(AMD64));

        Build end = site.api().awaitEnd(build, MINUTE);

        assertThat(end.getState()).isEqualTo(BuildState.BUILD_STATE_FAILED);
        assertThat(end.getFailure().getMessage()).contains("attempt 3 of 3", "no attempt is left");
        List<ScriptedAgent.Entry> starts = site.record().stream()
                .filter(entry -> entry.kind() == ScriptedAgent.Kind.STARTED)
                .toList();
        assertThat(starts).hasSize(3);
        assertThat(starts.stream().map(ScriptedAgent.Entry::agent)).doesNotHaveDuplicates();
        assertThat(site.api().agents()).allMatch(agent -> !agent.getLost());
        site.judge();
    }

    @Test
    void A16_drain_noSliceIsGivenAfterItWasHeard() throws Exception {
        AtomicInteger afterDrain = new AtomicInteger();
        List<ScriptedAgent> drained = new ArrayList<>();
        drained.add(site.fake("old", AMD64, 2, _ -> {
            if (drained.getFirst().drainWasHeard()) {
                afterDrain.incrementAndGet();
            }
            Thread.sleep(1_000);
            return ScriptedAgent.pushed();
        }));
        String running = site.api().submit(Api.check(AMD64));
        site.api().awaitSlice(running, SliceStage.SLICE_STAGE_RUNNING, 1, MINUTE);
        drained.getFirst().drain();
        Program.await("the drain is heard", MINUTE, () -> drained.getFirst().drainWasHeard());
        site.fake("new", AMD64, 1, _ -> ScriptedAgent.pushed());
        List<String> builds = IntStream.range(0, 20)
                .mapToObj(_ -> site.api().submit(Api.check(AMD64)))
                .toList();

        for (String build : builds) {
            assertThat(site.api().awaitEnd(build, MINUTE).getSlices(0).getAgent())
                    .isEqualTo("new");
        }
        assertThat(afterDrain).hasValue(0);
        assertThat(site.api().awaitEnd(running, MINUTE).getSlices(0).getAttempt())
                .isEqualTo(1);
        site.judge();
    }

    @Test
    void L4_replyToSubmitIsLost_repeatedSubmitGivesTheSameBuild() throws Exception {
        site.fake("a", AMD64, 8, _ -> ScriptedAgent.pushed());
        ChaosProxy proxy = site.owns(ChaosProxy.before(site.address()));
        Set<String> ids = new HashSet<>();
        AtomicInteger lost = new AtomicInteger();
        for (int i = 0; i < LOST_REPLIES; i++) {
            SubmitRequest request = Api.check(AMD64);
            ManagedChannel channel = Api.channel(proxy.address());
            int before = i;
            try {
                // A connection that is made before its answers are held back: the request leaves, the answer does not
                // come.
                BuildServiceGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(60, TimeUnit.SECONDS)
                        .listAgents(ListAgentsRequest.getDefaultInstance());
                long held = proxy.hits(ChaosProxy.Direction.TO_CLIENT);
                proxy.hold(ChaosProxy.Direction.TO_CLIENT);
                Thread caller = Thread.startVirtualThread(() -> {
                    try {
                        BuildServiceGrpc.newBlockingStub(channel)
                                .withDeadlineAfter(60, TimeUnit.SECONDS)
                                .submit(request);
                    } catch (StatusRuntimeException e) {
                        lost.incrementAndGet();
                    }
                });
                Program.await(
                        "the build is accepted", MINUTE, () -> site.api().list().size() == before + 1);
                Program.await("the answer is held", MINUTE, () -> proxy.hits(ChaosProxy.Direction.TO_CLIENT) > held);
                proxy.resetAll();
                caller.join();
            } finally {
                channel.shutdownNow();
                proxy.heal();
            }
            ids.add(site.api().submit(request));
        }
        assertThat(lost).as("replies lost").hasValue(LOST_REPLIES);
        assertThat(proxy.hits(ChaosProxy.Direction.TO_CLIENT))
                .as("replies held")
                .isGreaterThanOrEqualTo(LOST_REPLIES);
        assertThat(ids).hasSize(LOST_REPLIES);
        assertThat(site.api().list()).hasSize(LOST_REPLIES);
        for (String id : ids) {
            site.api().awaitEnd(id, MINUTE);
        }
        site.judge();
    }

    @Test
    void T24_reportsUnderAStaleLease_changeNothing() throws Exception {
        ScriptedAgent first = site.fake("a", AMD64, 1, _ -> {
            Thread.sleep(60_000);
            return ScriptedAgent.pushed();
        });
        String build = site.api().submit(Api.check(AMD64));
        site.api().awaitSlice(build, SliceStage.SLICE_STAGE_RUNNING, 1, MINUTE);
        LeaseRef stale = site.lease(build);
        first.restart();
        site.fake("b", AMD64, 1, _ -> ScriptedAgent.pushed());
        Build end = site.api().awaitEnd(build, MINUTE);
        assertThat(end.getState()).isEqualTo(BuildState.BUILD_STATE_SUCCEEDED);
        List<BuildEvent> before = site.api().events(build);

        int refused = 0;
        for (int i = 0; i < 100; i++) {
            if (report(stale) == Status.Code.FAILED_PRECONDITION) {
                refused++;
            }
        }

        assertThat(refused).isEqualTo(100);
        assertThat(site.api().events(build)).isEqualTo(before);
        for (Agent agent : site.api().agents()) {
            assertThat(agent.getLeases()).isZero();
        }
        site.judge();
    }

    /** What a report under this lease is answered with. */
    private Status.Code report(LeaseRef lease) throws Exception {
        CompletableFuture<Status.Code> answer = new CompletableFuture<>();
        StreamObserver<ReportRequest> report = AgentServiceGrpc.newStub(
                        site.api().channel())
                .report(new StreamObserver<>() {
                    @Override
                    public void onNext(ReportResponse response) {
                        answer.complete(Status.Code.OK);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answer.complete(Status.fromThrowable(failure).getCode());
                    }

                    @Override
                    public void onCompleted() {
                        answer.complete(Status.Code.OK);
                    }
                });
        report.onNext(ReportRequest.newBuilder()
                .setLease(lease)
                .setNumber(1)
                .setProgress(Progress.newBuilder().setDroppedLogBytes(1))
                .build());
        return answer.get(10, TimeUnit.SECONDS);
    }
}
