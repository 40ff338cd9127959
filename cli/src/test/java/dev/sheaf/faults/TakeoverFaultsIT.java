package dev.sheaf.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.faults.chaos.LabPart;
import dev.sheaf.v1.SliceStage;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Rows C and S of coordinators that keep their state in a PostgreSQL of the test's own, where one of them leads. */
@Tag("faults")
@Execution(ExecutionMode.CONCURRENT)
@TestInstance(TestInstance.Lifecycle.PER_METHOD)
final class TakeoverFaultsIT {
    private static final String AMD64 = "linux/amd64";
    private static final Duration MINUTE = Site.within(Duration.ofMinutes(1));
    private static final Map<String, String> LOGIN =
            Map.of("SHEAF_POSTGRES_USER", "sheaf", "SHEAF_POSTGRES_PASSWORD", "sheaf");

    private static final AtomicInteger NUMBERS = new AtomicInteger();

    @TempDir
    private Path directory;

    private LabPart postgres;
    private Site first;

    @BeforeEach
    void open() throws Exception {
        postgres = LabPart.postgres("take" + NUMBERS.incrementAndGet() + "-");
        first = Site.open(directory, LOGIN, "--postgres", postgres.address());
        awaitLead(first, 1);
    }

    @AfterEach
    void close() throws Exception {
        first.close();
        postgres.close();
    }

    @Test
    void C3_leaderToldToStop_theOtherLeadsWithin4s() throws Exception {
        Site second = first.beside("second");
        agents(List.of(first.api().channel(), second.api().channel()), 1_000);
        Load load = Load.on(first.api(), second.api());
        load.awaitMore(10);

        Instant told = Instant.now();
        first.coordinator().terminate();

        awaitLead(second, 2);
        assertThat(Duration.between(told, Instant.now())).isLessThan(Site.within(Duration.ofSeconds(4)));
        load.awaitMore(10);
        List<String> builds = load.stop();
        assertThat(first.coordinator().await(Site.within(Duration.ofSeconds(10))))
                .isZero();
        assertThat(first.coordinator().err()).doesNotContain("Exception", "\tat ");
        Load.assertEachRanOnce(second, builds);
    }

    @Test
    void S1_databaseKilledAndBackWithin10s_nothingIsLostOrRunTwice() throws Exception {
        List<String> builds = atWork(first, 8_000);

        Instant killed = Instant.now();
        postgres.kill();
        List<String> late = new CopyOnWriteArrayList<>();
        Thread user = Thread.startVirtualThread(() -> late.add(Load.submit(List.of(first.api()), Api.check(AMD64))));
        // Longer than the leader's lease; with the start of the database it is about ten seconds.
        Thread.sleep(Duration.between(Instant.now(), killed.plusSeconds(7)));
        assertThat(late).as("accepted without a database").isEmpty();
        postgres.start();

        user.join();
        builds.addAll(late);
        Load.assertEachRanOnce(first, builds);
        assertThat(first.coordinator().err()).doesNotContain("\tat ");
    }

    private void agents(List<ManagedChannel> coordinators, int millis) throws Exception {
        for (int i = 0; i < 4; i++) {
            first.fake(coordinators, "a" + i, AMD64, 2, _ -> {
                Thread.sleep(millis);
                return ScriptedAgent.pushed();
            });
        }
    }

    /** More builds than agents take at once, of which some run; each takes so long. */
    private List<String> atWork(Site second, int millis) throws Exception {
        agents(List.of(first.api().channel(), second.api().channel()), millis);
        List<String> builds = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            builds.add(first.api().submit(Api.check(AMD64)));
        }
        first.api().awaitSlice(builds.getFirst(), SliceStage.SLICE_STAGE_RUNNING, 1, MINUTE);
        return builds;
    }

    private static void awaitLead(Site site, int epoch) throws Exception {
        site.coordinator().awaitLine(Pattern.compile("leads, in epoch " + epoch + "\n"), MINUTE);
    }
}
