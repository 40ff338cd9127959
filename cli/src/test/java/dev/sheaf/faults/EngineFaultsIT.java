package dev.sheaf.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.architecture.Lab;
import dev.sheaf.farm.Program;
import dev.sheaf.faults.chaos.Host;
import dev.sheaf.faults.chaos.LabPart;
import dev.sheaf.v1.Agent;
import dev.sheaf.v1.AgentDescription;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.SliceStage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** Rows E, and what of A is the host's: engines that are gone, crash, hang, and run out of memory, disk or time. */
final class EngineFaultsIT extends FaultsFixture {
    private Site site;

    @BeforeEach
    void begin() throws Exception {
        Lab.dockerHost();
        site = open();
    }

    @Test
    @ResourceLock(Resources.GLOBAL) // alone: beside a test that takes a processor, the start of an engine takes longer
    void E1_engineGoneAtStart_agentOffersNothingAndSaysWhy_recoversWithin5s() throws Exception {
        Path socket = directory.resolve("d.sock");
        site.joined(site.launch(site.plan("a", AMD64).on("unix://" + socket)), "a");
        assertThat(description("a").getPlatformsList()).isEmpty();
        assertThat(description("a").getUnavailable()).contains(socket.toString());
        assertThatThrownBy(() -> site.api().submit(Api.check(AMD64))).hasMessageContaining("FAILED_PRECONDITION");

        Files.createSymbolicLink(socket, Path.of(Lab.dockerHost().substring("unix://".length())));

        Program.await(
                "the agent offers its platform",
                Site.within(Duration.ofSeconds(5)),
                () -> description("a").getPlatformsCount() > 0);
        Site.Running build = site.build(Site.image(), AMD64, "FROM scratch\nLABEL a=b\n");
        assertSucceeded(build.id());
    }

    @Test
    void E4_buildHangs_timeLimitEndsItOnce_stepGone() throws Exception {
        site.joined(site.launch(site.plan("a", AMD64).with("--time-limit", "1")), "a");
        String mark = Site.mark(600);
        Instant start = Instant.now();
        Site.Running build = site.build(Site.image(), AMD64, Site.sleeper(mark));
        long step = Site.awaitStep(mark);

        Build end = site.api().awaitEnd(build.id(), MINUTE.plusSeconds(30));

        assertThat(Duration.between(start, Instant.now())).isGreaterThan(Duration.ofSeconds(55));
        assertThat(end.getFailure().getKind()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
        assertThat(end.getFailure().getMessage()).contains("1 minutes", "--time-limit");
        assertThat(end.getSlices(0).getAttempt()).isEqualTo(1);
        Program.await(
                "the step is gone",
                Site.within(Duration.ofSeconds(10)),
                () -> ProcessHandle.of(step).isEmpty());
        assertThat(build.cli().await(MINUTE)).isEqualTo(1);
        site.judge();
    }

    @Test
    void A8_engineDiskFull_sliceMovesToAnotherHost() throws Exception {
        Host.requireRoot();
        Path state = Files.createDirectories(LabPart.engineState("a8-"));
        Host.run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", state.toString());
        site.owns(() -> Host.run("umount", "-l", state.toString()));
        LabPart engine = site.owns(LabPart.engine("a8-"));
        site.joined(site.launch(site.plan("a", AMD64).on(engine.address())), "a");
        site.agent("b", AMD64);
        Host.run("sh", "-c", "cat /dev/zero > " + state + "/ballast || true");
        Site.Running build = site.build(Site.image(), AMD64, "FROM " + Lab.gcc() + "\nRUN true\n");

        Build end = site.api().awaitEnd(build.id(), MINUTE);

        assertThat(end.getState()).as(end.getFailure().getMessage()).isEqualTo(BuildState.BUILD_STATE_SUCCEEDED);
        assertThat(end.getSlices(0).getAgent()).isEqualTo("b");
        assertThat(site.api().events(build.id()).stream()
                        .map(event -> event.getNotice().getText()))
                .anyMatch(text -> text.contains("no space left on device"));
        site.judge();
    }

    @Test
    void A9_stepRunsOutOfMemory_userIsToldSo() throws Exception {
        Host.requireRoot();
        Path memory = Path.of("/sys/fs/cgroup/memory");
        Path group = memory.resolve("sheaf-faults-" + ProcessHandle.current().pid());
        if (!Files.isDirectory(memory)) {
            Lab.missing("control groups of version 1 are needed");
        }
        Files.createDirectory(group);
        site.owns(() -> Files.deleteIfExists(group));
        Files.writeString(group.resolve("memory.limit_in_bytes"), "33554432");
        site.agent("a", AMD64);
        String mark = Site.mark(4);
        Site.Running build =
                site.build(Site.image(), AMD64, "FROM " + Lab.busybox() + "\nRUN sleep " + mark + "; tail /dev/zero\n");

        for (int attempt = 1; attempt <= 3 && !Api.isEnd(site.api().get(build.id())); attempt++) {
            site.api().awaitSlice(build.id(), SliceStage.SLICE_STAGE_RUNNING, attempt, MINUTE);
            long sleep = Site.awaitStep(mark);
            long shell =
                    ProcessHandle.of(sleep).orElseThrow().parent().orElseThrow().pid();
            Files.writeString(group.resolve("cgroup.procs"), Long.toString(shell));
            Program.await(
                    "the step is killed", MINUTE, () -> ProcessHandle.of(shell).isEmpty());
            int over = attempt;
            Program.await("the attempt is over", MINUTE, () -> {
                Build now = site.api().get(build.id());
                return Api.isEnd(now) || now.getSlices(0).getAttempt() > over;
            });
        }

        Build end = site.api().awaitEnd(build.id(), MINUTE);
        assertThat(Files.readString(group.resolve("memory.oom_control")))
                .as("kills")
                .doesNotContain("oom_kill 0");
        assertThat(end.getState()).isEqualTo(BuildState.BUILD_STATE_FAILED);
        assertThat(end.getFailure().getMessage()).contains("137", "memory");
        site.judge();
    }

    private AgentDescription description(String name) {
        return site.api().agents().stream()
                .map(Agent::getDescription)
                .filter(agent -> agent.getName().equals(name))
                .findFirst()
                .orElse(AgentDescription.getDefaultInstance());
    }

    private void assertSucceeded(String build) throws Exception {
        Build end = site.api().awaitEnd(build, Site.within(Duration.ofMinutes(2)));
        assertThat(end.getState()).as(end.getFailure().getMessage()).isEqualTo(BuildState.BUILD_STATE_SUCCEEDED);
        site.judge();
    }
}
