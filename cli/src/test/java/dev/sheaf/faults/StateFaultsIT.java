package dev.sheaf.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.architecture.Lab;
import dev.sheaf.farm.Program;
import dev.sheaf.faults.chaos.Host;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.SliceStage;
import dev.sheaf.v1.SubmitRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Rows C of a coordinator that keeps its state in its data directory: killed, doubled, or without room. */
@Isolated // leases that end because the machine is busy say nothing of restarts
final class StateFaultsIT extends FaultsFixture {
    @Test
    void C1_coordinatorKilledUnderLoad_nothingIsLostOrRunTwice() throws Exception {
        Site site = open();
        for (int i = 0; i < 4; i++) {
            site.fake("a" + i, AMD64, 2, _ -> {
                Thread.sleep(700);
                return ScriptedAgent.pushed();
            });
        }
        Load load = Load.on(site.api());

        for (int downMillis : new int[] {0, 2_000, 100, 10_000}) {
            load.awaitMore(10);
            site.coordinator().kill9();
            Thread.sleep(downMillis);
            site.startCoordinator();
        }
        Load.assertEachRanOnce(site, load.stop());
    }

    @Test
    void C1_coordinatorKilledTwiceInABuild_logIsWholeAndTagRight() throws Exception {
        Lab.dockerHost();
        Site site = open();
        site.agent("a", AMD64);
        String image = Site.image();
        Site.Running build = site.build(
                image,
                AMD64,
                "FROM " + Lab.busybox() + "\nRUN echo " + directory
                        + "; i=0; while [ $i -lt 90 ]; do echo line-$i-end; sleep 0.2; i=$((i+1)); done\n");

        for (int kill = 1; kill <= 2; kill++) {
            site.api().awaitOutput(build.id(), "line-" + kill * 20 + "-end", MINUTE);
            site.coordinator().kill9();
            Thread.sleep(1_000);
            site.startCoordinator();
        }

        assertThat(build.cli().await(MINUTE))
                .as(build.cli().out() + build.cli().err())
                .isZero();
        String shown = build.cli().out() + build.cli().err();
        for (int i = 0; i < 90; i++) {
            // The command itself is shown too; it holds "line-$i-end".
            assertThat(shown).containsOnlyOnce("line-" + i + "-end");
        }
        assertThat(site.api().get(build.id()).getSlices(0).getAttempt())
                .as(site.notices(build.id()))
                .isEqualTo(1);
        site.judge();
    }

    @Test
    void C6_volumeIsFull_buildsAreRefusedWithOneSentence_runningOnesGoOn() throws Exception {
        Host.requireRoot();
        Path data = Files.createDirectory(directory.resolve("data"));
        Host.run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", data.toString());
        AutoCloseable mount = () -> Host.run("umount", data.toString());
        owns(mount);
        Site site = open();
        CountDownLatch release = new CountDownLatch(1);
        for (int i = 0; i < 4; i++) {
            site.fake("a" + i, AMD64, 1, _ -> {
                release.await();
                return ScriptedAgent.pushed();
            });
        }
        List<String> builds = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            builds.add(site.api().submit(Api.check(AMD64)));
            site.api().awaitSlice(builds.getLast(), SliceStage.SLICE_STAGE_RUNNING, 1, MINUTE);
        }

        Path filler = fill(data);
        List<Status> refusals = new ArrayList<>();
        List<SubmitRequest> refused = new ArrayList<>();
        Instant end = Instant.now().plusSeconds(20); // longer than a lease lasts
        while (Instant.now().isBefore(end)) {
            SubmitRequest request = Api.check(AMD64);
            try {
                builds.add(site.api().submit(request));
                Thread.sleep(20);
            } catch (StatusRuntimeException e) {
                refusals.add(e.getStatus());
                refused.add(request);
                Thread.sleep(200);
            }
        }

        assertThat(refusals).isNotEmpty();
        assertThat(refusals.getLast().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(refusals.getLast().getDescription())
                .isEqualTo("the volume of " + data.resolve("state.db") + " is full: free some space on it");
        Files.delete(filler);
        Instant freed = Instant.now();
        builds.add(Load.submit(List.of(site.api()), refused.getLast()));
        assertThat(Duration.between(freed, Instant.now())).isLessThan(Site.within(Duration.ofSeconds(5)));
        release.countDown();
        // Those whose first call was not answered in time may have been accepted; they are nobody's loss.
        Load.assertEachRanOnce(site, builds);
        assertThat(site.coordinator().err()).doesNotContain("\tat ");
    }

    /** Writes a file until the volume has no room. */
    private static Path fill(Path volume) throws IOException {
        Path filler = volume.resolve("filler");
        byte[] block = new byte[4096];
        try (OutputStream out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
            return filler;
        }
    }

    @Test
    void C8_coordinatorOutOfMemory_endsAtOnce_startedAnewEveryAcceptedBuildEnds() throws Exception {
        // Less than its limits allow for: builds that are waiting fill it.
        Site site = owns(Site.open(directory, Map.of("SHEAF_JVM_OPTS", "-Xms16m -Xmn8m -Xmx48m")));
        CountDownLatch release = new CountDownLatch(1);
        for (int i = 0; i < 4; i++) {
            site.fake("a" + i, AMD64, 2, _ -> {
                release.await();
                return ScriptedAgent.pushed();
            });
        }
        String filling = "x".repeat(100_000);
        List<String> builds = new ArrayList<>();
        List<SubmitRequest> unanswered = new ArrayList<>();
        Program small = site.coordinator();
        while (small.isAlive()) {
            SubmitRequest.Builder request = Api.check(AMD64).toBuilder();
            request.getSpecBuilder().putBuildArgs("FILLING", filling);
            try {
                builds.add(site.api().submit(request.build()));
            } catch (StatusRuntimeException e) {
                unanswered.add(request.build());
            }
            assertThat(builds).as("builds in 48 MiB").hasSizeLessThan(1_000);
        }

        assertThat(small.await(MINUTE)).as(small.err()).isEqualTo(3);
        assertThat(small.out() + small.err()).contains("OutOfMemoryError").doesNotContain("\tat ");
        assertThat(builds).hasSizeGreaterThan(50);
        site.java("-Xmx512m");
        site.startCoordinator();
        release.countDown();
        // Whoever was not answered asks again, and has one build whether it was accepted before or not.
        for (SubmitRequest request : unanswered) {
            String build = Load.submit(List.of(site.api()), request);
            assertThat(builds).doesNotContain(build);
            builds.add(build);
        }
        System.out.printf("C8: %d builds accepted, %d calls not answered%n", builds.size(), unanswered.size());
        Load.assertEachRanOnce(site, builds);
    }

    @Test
    void C9_secondCoordinatorOnTheSameData_exits73AndNamesTheFirst() throws Exception {
        Site site = open();
        ScriptedAgent agent = site.fake("a", AMD64, 1, _ -> {
            Thread.sleep(3_000);
            return ScriptedAgent.pushed();
        });
        String build = site.api().submit(Api.check(AMD64));
        site.api().awaitSlice(build, SliceStage.SLICE_STAGE_RUNNING, 1, MINUTE);

        Instant start = Instant.now();
        Program second = site.startCoordinatorOnTheSameData();

        assertThat(second.await(MINUTE)).isEqualTo(73);
        // The lock is refused at once; the rest is the start of a Java process on a busy machine.
        assertThat(Duration.between(start, Instant.now())).isLessThan(Site.within(Duration.ofSeconds(6)));
        assertThat(second.err().strip())
                .isEqualTo("sheaf-coordinator: the data directory " + directory.resolve("data")
                        + " is used by another coordinator, process "
                        + site.coordinator().pid() + ": stop it, or choose another directory");
        assertThat(second.out()).isEmpty();
        assertThat(site.api().awaitEnd(build, MINUTE).getState()).isEqualTo(BuildState.BUILD_STATE_SUCCEEDED);
        assertThat(agent.refusals()).isEmpty();
        Load.assertEachRanOnce(site, List.of(build));
    }
}
