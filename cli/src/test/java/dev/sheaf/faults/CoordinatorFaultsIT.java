package dev.sheaf.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.farm.Program;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.SliceStage;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows C: the coordinator itself fails while agents are at work. */
final class CoordinatorFaultsIT extends FaultsFixture {
    private Site site;

    @BeforeEach
    void begin() throws Exception {
        site = open();
    }

    @Test
    void C4_coordinatorHangs10s_nothingIsBuiltTwice() throws Exception {
        for (int i = 0; i < 4; i++) {
            site.fake("a" + i, AMD64, 1, _ -> {
                Thread.sleep(6_000);
                return ScriptedAgent.pushed();
            });
        }
        List<String> builds = IntStream.range(0, 8)
                .mapToObj(_ -> site.api().submit(Api.check(AMD64)))
                .toList();
        site.api().awaitSlice(builds.getFirst(), SliceStage.SLICE_STAGE_RUNNING, 1, MINUTE);

        site.coordinator().signal("-STOP");
        Thread.sleep(10_000);
        site.coordinator().signal("-CONT");

        assertAllSucceedInOneAttempt(builds);
    }

    private void assertAllSucceedInOneAttempt(List<String> builds) throws Exception {
        for (String build : builds) {
            assertThat(site.api().awaitEnd(build, MINUTE).getState()).isEqualTo(BuildState.BUILD_STATE_SUCCEEDED);
        }
        assertThat(site.record().stream().filter(entry -> entry.kind() == ScriptedAgent.Kind.STARTED))
                .as("attempts that agents began")
                .hasSameSizeAs(builds);
        site.judge();
    }

    @Test
    void C3_coordinatorToldToStopUnderLoad_endsEachCall_withoutATrace() throws Exception {
        for (int i = 0; i < 4; i++) {
            site.fake("a" + i, AMD64, 2, _ -> {
                Thread.sleep(1_500);
                return ScriptedAgent.pushed();
            });
        }
        Load load = Load.on(site.api());

        for (int stop = 1; stop <= 3; stop++) {
            load.awaitMore(10);
            Program coordinator = site.coordinator();
            List<Iterator<BuildEvent>> watchers = site.api().list().stream()
                    .map(build -> site.api().watch(build.getId(), 0, MINUTE))
                    .toList();
            assertThat(watchers).allMatch(Iterator::hasNext);
            coordinator.terminate();
            assertThat(coordinator.await(Site.within(Duration.ofSeconds(10)))).isZero();
            assertThat(coordinator.err()).doesNotContain("Exception", "\tat ");
            assertThat(directory.resolve("data/layers.db-wal"))
                    .as("the file of layers was closed")
                    .doesNotExist();
            // In the coordinator's own words: told before its server stopped, not cut off with it.
            assertThat(watchers.stream().map(CoordinatorFaultsIT::end))
                    .allMatch(end -> end.equals("build ended") || end.endsWith("call again"))
                    .anyMatch(end -> end.endsWith("call again"));
            site.startCoordinator();
        }
        Load.assertEachRanOnce(site, load.stop());
    }

    /** What a watcher is told at its end. */
    private static String end(Iterator<BuildEvent> watcher) {
        try {
            watcher.forEachRemaining(_ -> {});
            return "build ended";
        } catch (StatusRuntimeException e) {
            return String.valueOf(e.getStatus().getDescription());
        }
    }

    @Test
    void C3_coordinatorToldToStop_exitsWithin10s() throws Exception {
        site.fake("a", AMD64, 1, _ -> ScriptedAgent.pushed());
        String build = site.api().submit(Api.check(AMD64));
        site.api().awaitEnd(build, MINUTE);
        site.judge();
        Program coordinator = site.coordinator();

        coordinator.signal("-TERM");

        coordinator.await(Site.within(Duration.ofSeconds(10)));
        assertThat(coordinator.err()).doesNotContain("Exception", "\tat ");
    }
}
