package dev.sheaf.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.architecture.Lab;
import dev.sheaf.faults.chaos.ChaosRegistry;
import dev.sheaf.faults.chaos.ChaosRegistry.Reply;
import dev.sheaf.faults.chaos.ChaosRegistry.Rule;
import dev.sheaf.faults.chaos.LabPart;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.Registries;
import dev.sheaf.image.registry.RegistryException;
import dev.sheaf.image.registry.RetryPolicy;
import dev.sheaf.testregistry.TestImages;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.Outcome;
import dev.sheaf.v1.SliceStage;
import dev.sheaf.v1.SubmitRequest;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows C and S of coordinators that keep their state in a PostgreSQL of the test's own, where one of them leads. */
final class TakeoverFaultsIT extends FaultsFixture {
    private static final String TAG = "/v2/.*/manifests/1";
    private static final Map<String, String> LOGIN =
            Map.of("SHEAF_POSTGRES_USER", "sheaf", "SHEAF_POSTGRES_PASSWORD", "sheaf");

    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private LabPart postgres;
    private Site first;

    @BeforeEach
    void begin() throws Exception {
        postgres = owns(LabPart.postgres("take" + NUMBERS.incrementAndGet() + "-"));
        first = owns(Site.open(directory, LOGIN, "--postgres", postgres.address()));
        awaitLead(first, 1);
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
    void C4_leaderKilled_theOtherLeadsWithin8s_nothingIsLostOrRunTwice() throws Exception {
        Site second = first.beside("second");
        agents(List.of(first.api().channel(), second.api().channel()), 1_000);
        Load load = Load.on(first.api(), second.api());
        load.awaitMore(10);

        Instant killed = Instant.now();
        first.coordinator().kill9();

        awaitLead(second, 2);
        // The row lasts 6 s after its last renewal, and is asked for every 0.8 s.
        assertThat(Duration.between(killed, Instant.now())).isLessThan(Site.within(Duration.ofSeconds(8)));
        load.awaitMore(10);
        Load.assertEachRanOnce(second, load.stop());
        assertThat(second.coordinator().err()).doesNotContain("\tat ");
    }

    @Test
    void C10_leaderSleepsAsATagMoves_wakesAfterAnotherTookOver_movesNothingAndFollows() throws Exception {
        ChaosRegistry registry = first.owns(ChaosRegistry.before(Lab.registry()));
        Site second = first.beside("second");
        second.standsFor(registry.address(), Lab.registry());
        String image = Site.image(registry.address());
        first.fake(
                List.of(first.api().channel(), second.api().channel()),
                "a",
                AMD64,
                1,
                assignment -> push(image, assignment.getLease().getBuildId()));
        // It falls asleep between its question where the tag is and the move that the answer leads to.
        Rule asleep = registry.on("HEAD", TAG, 1, (_, upstream) -> {
            Reply answer = upstream.ask();
            first.coordinator().signal("-STOP");
            return answer;
        });

        String older = first.api().submit(publishing(image));
        awaitLead(second, 2);
        assertThat(asleep.hits()).isEqualTo(1);
        assertThat(second.api().awaitEnd(older, MINUTE).getState()).isEqualTo(BuildState.BUILD_STATE_SUCCEEDED);
        String newer = second.api().submit(publishing(image));
        assertThat(second.api().awaitEnd(newer, MINUTE).getState()).isEqualTo(BuildState.BUILD_STATE_SUCCEEDED);
        assertThat(registry.seen("PUT", TAG)).hasSize(2);
        first.coordinator().signal("-CONT");

        first.coordinator().awaitLine(Pattern.compile("does not lead, " + second.address() + " does\n"), MINUTE);
        // Its last thread that could move a tag ended before it said so.
        assertThat(registry.seen("PUT", TAG)).hasSize(2);
        Load.assertEachRanOnce(second, List.of(older, newer));
        assertThat(first.coordinator().isAlive()).isTrue();
        assertThat(first.coordinator().err()).doesNotContain("\tat ");
    }

    private static SubmitRequest publishing(String image) {
        SubmitRequest check = Api.check(AMD64);
        return check.toBuilder()
                .setSpec(check.getSpec().toBuilder().setPush(true).addTags(image))
                .build();
    }

    /** An image that is like no other, in the lab's registry. */
    private static Outcome push(String image, String seed) throws InterruptedException {
        ImageReference name = ImageReference.parse(image);
        RetryPolicy once = new RetryPolicy(1, Duration.ZERO, Duration.ZERO, () -> 0, _ -> {});
        try (Registries registries = new Registries(once, InstantSource.system(), Set.of())) {
            TestImages images =
                    new TestImages(registries.open(Lab.registry(), Credentials.ANONYMOUS), name.repository());
            return ScriptedAgent.pushed(
                    images.image(Platform.parse(AMD64), seed).digest().value());
        } catch (RegistryException e) {
            throw new AssertionError(e);
        }
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
