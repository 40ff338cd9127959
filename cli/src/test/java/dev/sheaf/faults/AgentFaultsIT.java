package dev.sheaf.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.architecture.Lab;
import dev.sheaf.farm.Program;
import dev.sheaf.faults.chaos.ChaosProxy;
import dev.sheaf.faults.chaos.Host;
import dev.sheaf.faults.chaos.LabPart;
import dev.sheaf.faults.chaos.Network;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.SliceStage;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rows A: agents' hosts, their processes and their links fail while a slice is built. */
final class AgentFaultsIT extends FaultsFixture {
    private static final String ARM64 = "linux/arm64";
    /** Of five seconds each: the failure table's five minutes on demand, as CONTRIBUTING.md says. */
    private static final int FLAPS = System.getenv("SHEAF_FAULTS_LONG") == null ? 12 : 60;

    /** Agents without a host, beside the real one. */
    private static final int OTHERS = 100;

    private Site site;

    @BeforeEach
    void begin() throws Exception {
        Lab.dockerHost();
        site = open();
    }

    @Test
    void A2_agentHostGone_sliceMovesWithin22s() throws Exception {
        Network network = site.owns(Network.create());
        Program first = site.agent("a", AMD64, network);
        site.agent("b", AMD64);
        String mark = Site.mark(15);
        Site.Running build = site.build(Site.image(), AMD64, Site.sleeper(mark));
        Site.awaitStep(mark);

        Instant gone = Instant.now();
        network.cut();
        first.kill9();

        BuildEvent moved = site.api().awaitSlice(build.id(), SliceStage.SLICE_STAGE_LEASED, 2, MINUTE);
        assertThat(since(gone, moved)).isBetween(Duration.ofSeconds(14), Site.within(Duration.ofSeconds(22)));
        assertThat(moved.getSlice().getAgent()).isEqualTo("b");
        assertThat(network.lost()).as("packets lost").isPositive();
        assertSucceeded(site, build);
    }

    @Test
    void A3_agentHangs30s_sliceMoves_staleStepStopsWithin5s() throws Exception {
        Program first = site.agent("a", AMD64);
        // An engine joins steps that are alike: the other agent has one of its own.
        LabPart engine = site.owns(LabPart.engine("a3-"));
        site.joined(site.launch(site.plan("b", AMD64).on(engine.address())), "b");
        String mark = Site.mark(200);
        Site.Running build = site.build(Site.image(), AMD64, Site.sleeper(mark));
        long step = Site.awaitStep(mark);

        first.signal("-STOP");
        Instant stopped = Instant.now();
        site.api().awaitSlice(build.id(), SliceStage.SLICE_STAGE_RUNNING, 2, MINUTE);
        Thread.sleep(Duration.between(Instant.now(), stopped.plusSeconds(30)));
        first.signal("-CONT");

        Program.await(
                "the stale step is gone",
                Site.within(Duration.ofSeconds(5)),
                () -> ProcessHandle.of(step).isEmpty());
        assertThat(site.api().get(build.id()).getSlices(0).getAgent()).isEqualTo("b");
        assertThat(Host.processes("sleep\0" + mark)).as("the new step").hasSize(1);
        site.api().cancel(build.id());
        site.judge();
    }

    @Test
    void A5_agentCannotSend_stopsItselfBeforeTheSliceMoves() throws Exception {
        Network network = site.owns(Network.create());
        selfFences(network, network::cutOutward, Duration.ofSeconds(22));
    }

    @Test
    void A6_agentCannotHear_stopsItselfBeforeTheSliceMoves() throws Exception {
        Network network = site.owns(Network.create());
        // Its calls still arrive, and renew, until it gives up the connection that nobody answers on.
        selfFences(network, network::cutInward, Duration.ofSeconds(40));
    }

    private void selfFences(Network network, Runnable cut, Duration limit) throws Exception {
        site.agent("a", AMD64, network);
        site.agent("b", AMD64);
        String mark = Site.mark(200);
        Site.Running build = site.build(Site.image(), AMD64, Site.sleeper(mark));
        long step = Site.awaitStep(mark);

        Instant gone = Instant.now();
        cut.run();

        Program.await(
                "the agent stops its step",
                Site.within(limit),
                () -> ProcessHandle.of(step).isEmpty());
        Instant fenced = Instant.now();
        BuildEvent moved = site.api().awaitSlice(build.id(), SliceStage.SLICE_STAGE_LEASED, 2, MINUTE);
        assertThat(Duration.between(gone, fenced)).isLessThan(Site.within(Duration.ofSeconds(20)));
        assertThat(at(moved)).isAfter(fenced);
        assertThat(since(gone, moved)).isLessThan(Site.within(limit));
        assertThat(network.lost()).as("packets lost").isPositive();
        site.api().cancel(build.id());
        site.judge();
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void A7_linksFlap_buildsEndInTheirFirstAttempt_withoutAStormOfCalls() throws Exception {
        Network network = site.owns(Network.create());
        site.agent("a", AMD64, network);
        ChaosProxy proxy = site.owns(ChaosProxy.before(site.address()));
        CountDownLatch calm = new CountDownLatch(1);
        List<String> others = others(proxy, calm);
        String mark = Site.mark(FLAPS * 5);
        Site.Running build = site.build(Site.image(), AMD64, Site.sleeper(mark));
        Site.awaitStep(mark);
        long connections = network.connections();
        Duration worked = site.coordinator().processorTime();
        long start = System.nanoTime();

        long lost = 0;
        for (int flap = 0; flap < FLAPS; flap++) {
            network.cut();
            List.of(ChaosProxy.Direction.values()).forEach(proxy::hold);
            Thread.sleep(3_000);
            lost += network.lost();
            network.heal();
            proxy.heal();
            Thread.sleep(2_000);
        }

        Duration work = site.coordinator().processorTime().minus(worked);
        assertThat(work).as("processor time").isLessThan(Duration.ofNanos((System.nanoTime() - start) / 2));
        assertThat(lost).as("packets lost").isPositive();
        // Most of the others wait for an answer as their link is cut; few are about to ask.
        assertThat(proxy.hits()).as("data held up").isGreaterThan(OTHERS);
        assertThat(network.connections() - connections)
                .as("new connections of the agent")
                .isLessThanOrEqualTo(FLAPS);
        assertThat(proxy.connections() - OTHERS).as("of the others").isLessThanOrEqualTo((long) FLAPS * OTHERS);
        System.out.printf(
                "A7: %d flaps, %d packets lost, %d new connections of the agent, coordinator %d ms of processor%n",
                FLAPS, lost, network.connections() - connections, work.toMillis());
        calm.countDown();
        for (String other : others) {
            assertThat(site.api().awaitEnd(other, MINUTE).getSlices(0).getAttempt())
                    .as(site.notices(other))
                    .isEqualTo(1);
        }
        assertSucceeded(site, build);
        assertThat(site.api().get(build.id()).getSlices(0).getAttempt())
                .as(site.notices(build.id()))
                .isEqualTo(1);
    }

    /** Builds of agents without a host, which go on until it is calm. */
    private List<String> others(ChaosProxy proxy, CountDownLatch calm) throws Exception {
        List<ScriptedAgent> agents = new ArrayList<>();
        for (int i = 0; i < OTHERS; i++) {
            ManagedChannel channel = Api.channel(proxy.address());
            site.owns(channel::shutdownNow);
            ScriptedAgent.Work work = _ -> {
                calm.await();
                return ScriptedAgent.pushed();
            };
            agents.add(site.owns(ScriptedAgent.join(channel, "s" + i, ARM64, 1, work, site.record())));
        }
        Program.await("the others join", MINUTE, () -> agents.stream().allMatch(ScriptedAgent::hasJoined));
        List<String> builds = new ArrayList<>();
        for (int i = 0; i < OTHERS; i++) {
            builds.add(site.api().submit(Api.check(ARM64)));
        }
        Program.await(
                "all have work",
                MINUTE,
                () -> agents.stream().noneMatch(agent -> agent.holding().isEmpty()));
        return builds;
    }

    @Test
    void A4_slowLinkUnderAFloodOfOutput_leaseIsKept() throws Exception {
        Network network = site.owns(Network.create());
        site.agent("a", AMD64, network);
        network.slow(1_000);
        StringBuilder dockerfile = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            dockerfile.append("FROM ").append(Lab.busybox()).append(" AS s").append(i);
            dockerfile
                    .append("\nRUN echo " + site.directory() + "; yes stage-")
                    .append(i)
                    .append("-of-a-flood | head -c 50000000; sleep 25; touch /f\n");
        }
        dockerfile.append("FROM scratch\nCOPY --from=s0 /f /0\nCOPY --from=s1 /f /1\nCOPY --from=s2 /f /2\n");

        Site.Running build = site.build(Site.image(), AMD64, dockerfile.toString());

        assertSucceeded(site, build);
        assertThat(site.api().get(build.id()).getSlices(0).getAttempt())
                .as(site.notices(build.id()))
                .isEqualTo(1);
        assertThat(network.heldUp()).as("packets that waited").isPositive();
    }
}
