package dev.sheaf.coordinator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.queue.api.Effect;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.queue.api.RefusedException;
import dev.sheaf.coordinator.store.InMemoryStore;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.MediaType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What becomes of slices that are pushed and builds that are stitched. */
final class QueuePublishingTest extends QueueFixture {
    private final List<Effect> kept = new ArrayList<>();

    @Test
    void verify_registryFails_isTriedAgainThenEndsTheBuild() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        LeaseId lease = take("amd-1", AMD64);
        sync("amd-1", AMD64, held(lease, PUSHED));
        int asked = 0;
        while (!build().state().isTerminal()) {
            asked += (int)
                    effects().stream().filter(Effect.Verify.class::isInstance).count();
            queue.verifyFailed(now, lease, Failure.of(Failure.Kind.REGISTRY, "503"));
            pass(30);
        }
        assertThat(asked).isEqualTo(Limits.REGISTRY_TRIES);
        assertThat(build().result().failure().orElseThrow().kind()).isEqualTo(Failure.Kind.REGISTRY);
    }

    @Test
    void verify_wrongImage_endsTheBuildAtOnce() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        LeaseId lease = take("amd-1", AMD64);
        sync("amd-1", AMD64, held(lease, PUSHED));
        queue.verifyRefused(now, lease, Failure.of(Failure.Kind.VERIFICATION, "it is linux/arm64"));
        assertThat(build().state()).isEqualTo(BuildState.FAILED);
        assertThat(build().result().failure().orElseThrow().message()).isEqualTo("agent amd-1: it is linux/arm64");
        assertThat(queue.openTagGate(BUILD, DIGEST)).isFalse();
    }

    @Test
    void publish_registryAwayForThreeMinutes_isTriedAgainAndSucceeds() throws Exception {
        stitching();
        Instant back = now.plusSeconds(180);
        int tries = 1;
        while (now.isBefore(back)) {
            // A try takes a while: the client's own repetitions.
            pass(8);
            queue.publishFailed(now, BUILD, Failure.of(Failure.Kind.REGISTRY, "503"));
            while (effects().stream().noneMatch(Effect.Publish.class::isInstance)) {
                pass(1);
            }
            tries++;
        }
        queue.published(now, BUILD, Descriptor.of(MediaType.OCI_INDEX, new byte[1]));
        assertThat(build().state()).isEqualTo(BuildState.SUCCEEDED);
        assertThat(tries).isBetween(7, 15);
    }

    @Test
    void publish_registryAwayForGood_endsAfterFiveMinutesAndSaysSo() throws Exception {
        stitching();
        Instant start = now;
        while (!build().state().isTerminal()) {
            queue.publishFailed(now, BUILD, Failure.of(Failure.Kind.REGISTRY, "503"));
            while (!build().state().isTerminal() && effects().stream().noneMatch(Effect.Publish.class::isInstance)) {
                pass(1);
            }
        }
        assertThat(Duration.between(start, now)).isBetween(Duration.ofMinutes(4), Duration.ofMinutes(5));
        assertThat(build().result().failure().orElseThrow().message())
                .matches("503; publishing was tried \\d+ times within \\d+ s");
    }

    @Test
    void publish_refused_endsTheBuildAtOnce() throws Exception {
        stitching();
        queue.publishRefused(now, BUILD, Failure.of(Failure.Kind.REGISTRY, "the tag is immutable"));
        assertThat(build().state()).isEqualTo(BuildState.FAILED);
        assertThat(build().result().failure().orElseThrow().kind()).isEqualTo(Failure.Kind.REGISTRY);
    }

    @Test
    void publish_lostWithNoAttemptLeft_endsTheBuild() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        for (int attempt = 1; attempt < Limits.defaults().attempts(); attempt++) {
            sync("amd-1", AMD64, held(take("amd-1", AMD64), ENGINE_GONE));
            pass(5);
        }
        LeaseId last = take("amd-1", AMD64);
        sync("amd-1", AMD64, held(last, PUSHED));
        queue.verified(now, last, image(AMD64));
        queue.publishIncomplete(now, BUILD, List.of(AMD64), Failure.of(Failure.Kind.REGISTRY, "lost"));
        assertThat(build().state()).isEqualTo(BuildState.FAILED);
        assertThat(build().slices().getFirst().attempt())
                .isEqualTo(Limits.defaults().attempts());
    }

    @Test
    void watch_olderBuildPublishesMeanwhile_goesOn() throws Exception {
        sync("amd-1", AMD64);
        BuildId newer = new BuildId("newer");
        submit(request("older", Optional.empty(), AMD64));
        queue.submit(now, newer, request("newer", Optional.empty(), AMD64), false);
        LeaseId slow = take("amd-1", AMD64);
        sync("amd-2", AMD64);
        LeaseId fast = take("amd-2", AMD64);
        sync("amd-2", AMD64, held(fast, PUSHED));
        queue.verified(now, fast, image(AMD64));
        publish(newer, new byte[2]);
        sync("amd-1", AMD64, held(slow, PUSHED));
        queue.verified(now, slow, image(AMD64));
        pass(60);
        assertThat(effects()).noneMatch(Effect.CheckTag.class::isInstance);
        publish(BUILD, new byte[1]);
        pass(60);
        assertThat(effects())
                .filteredOn(Effect.CheckTag.class::isInstance)
                .singleElement()
                .isInstanceOfSatisfying(Effect.CheckTag.class, check -> {
                    assertThat(check.tag().build()).isEqualTo(newer);
                    assertThat(check.older()).containsExactly(Digest.of(new byte[1]));
                });
    }

    @Test
    void restore_tagMovedLately_isLookedAtWithWhatOlderBuildsMadeOfIt() throws Exception {
        stitching();
        publish(BUILD, new byte[1]);
        queue.submit(now, new BuildId("newer"), request("newer", Optional.empty(), AMD64), false);
        LeaseId lease = take("amd-1", AMD64);
        sync("amd-1", AMD64, held(lease, PUSHED));
        queue.verified(now, lease, image(AMD64));
        publish(new BuildId("newer"), new byte[2]);
        assertThat(restored().takeEffects())
                .filteredOn(Effect.CheckTag.class::isInstance)
                .singleElement()
                .isInstanceOfSatisfying(
                        Effect.CheckTag.class,
                        check -> assertThat(check.older()).containsExactly(Digest.of(new byte[1])));
    }

    @Test
    void publish_refusedAfterItsFirstTag_saysWhichMoved_andLooksAfterThose() throws Exception {
        stitching("1", "2");
        ImageReference first = build().request().tags().getFirst();
        ImageReference second = build().request().tags().getLast();
        queue.openTagGate(BUILD, DIGEST);
        queue.tagMoved(now, BUILD, first, DIGEST);
        queue.publishRefused(now, BUILD, Failure.of(Failure.Kind.REGISTRY, "the tag is immutable"));
        assertThat(build().result().failure().orElseThrow().message())
                .isEqualTo("the tag is immutable; moved already, with every platform: " + first + "; not moved: "
                        + second);
        kept.addAll(effects());
        assertThat(effects).noneMatch(Effect.Release.class::isInstance);
        pass(60);
        assertThat(checks(effects()))
                .singleElement()
                .satisfies(check -> assertThat(check.tag().tag()).isEqualTo(first));

        assertThat(checks(restored().takeEffects()))
                .singleElement()
                .satisfies(check -> assertThat(check.tag().tag()).isEqualTo(first));
    }

    @Test
    void watch_tagThatMovesAllTheTime_isLookedAtOnceAMinute() throws Exception {
        sync("amd-1", AMD64);
        stitching();
        publish(BUILD, new byte[1]);
        int waiting = queue.pendingExpiries();
        for (int i = 0; i < 50; i++) {
            BuildId next = new BuildId("next-" + i);
            queue.submit(now, next, request("next-" + i, Optional.empty(), AMD64), false);
            LeaseId lease = take("amd-1", AMD64);
            sync("amd-1", AMD64, held(lease, PUSHED));
            queue.verified(now, lease, image(AMD64));
            publish(next, new byte[] {(byte) i, 1});
        }
        effects();
        // each build leaves its lease's end and the release of its credentials
        assertThat(queue.pendingExpiries()).isEqualTo(waiting + 100);
        pass(60);
        assertThat(checks(effects())).singleElement().satisfies(check -> {
            assertThat(check.tag().build()).isEqualTo(new BuildId("next-49"));
            assertThat(check.older()).hasSize(50);
        });
    }

    private static List<Effect.CheckTag> checks(List<Effect> effects) {
        return effects.stream()
                .filter(Effect.CheckTag.class::isInstance)
                .map(Effect.CheckTag.class::cast)
                .toList();
    }

    private void publish(BuildId build, byte[] index) {
        Descriptor whole = Descriptor.of(MediaType.OCI_INDEX, index);
        assertThat(queue.openTagGate(build, whole.digest())).isTrue();
        queue.published(now, build, whole);
    }

    /** As another process goes on with what is kept. */
    private BuildQueue restored() {
        InMemoryStore store = new InMemoryStore();
        kept.addAll(queue.takeEffects());
        store.append(kept.stream()
                .filter(Effect.Keep.class::isInstance)
                .map(keep -> ((Effect.Keep) keep).decision())
                .toList());
        BuildQueue restored = new BuildQueue(Limits.defaults(), fences::incrementAndGet);
        restored.restore(now, store.load());
        return restored;
    }

    private void stitching(String... tags) throws RefusedException {
        sync("amd-1", AMD64);
        BuildRequest request = request("k", Optional.empty(), AMD64);
        List<ImageReference> wanted = Stream.of(tags)
                .map(tag -> ImageReference.parse("registry.example/app:" + tag))
                .toList();
        submit(new BuildRequest(
                request.idempotencyKey(),
                request.platforms(),
                wanted.isEmpty() ? request.tags() : wanted,
                request.push(),
                request.source(),
                request.options(),
                request.waitForAgents(),
                Optional.empty()));
        LeaseId lease = take("amd-1", AMD64);
        sync("amd-1", AMD64, held(lease, PUSHED));
        Descriptor manifest = Descriptor.of(MediaType.OCI_MANIFEST, new byte[1]).withPlatform(AMD64);
        queue.verified(now, lease, new VerifiedSlice(manifest, manifest.digest(), List.of(manifest)));
        assertThat(effects()).anyMatch(Effect.Publish.class::isInstance);
        kept.addAll(effects);
    }
}
