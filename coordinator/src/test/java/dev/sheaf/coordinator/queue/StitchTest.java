package dev.sheaf.coordinator.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.coordinator.agents.AgentDescription.Offer;
import dev.sheaf.coordinator.agents.Assignment;
import dev.sheaf.coordinator.agents.Incarnation;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.agents.SyncCall.Held;
import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildRequest.Stitching;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.SliceSnapshot;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.queue.api.Effect;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.queue.api.RefusedException;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.coordinator.store.InMemoryStore;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.MediaType;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Publishing again what a build made. */
final class StitchTest extends QueueFixture {
    private static final BuildId AGAIN = new BuildId("build-2");
    private static final Descriptor INDEX = Descriptor.of(MediaType.OCI_INDEX, new byte[1]);

    @Test
    void stitch_buildWhoseTagsWereRefused_publishesItsImagesAtOnce_andSucceeds() throws Exception {
        refusedByTheRegistry();
        effects();

        assertThat(queue.stitch(now, AGAIN, wish("s"), false)).isEqualTo(AGAIN);

        assertThat(again().state()).isEqualTo(BuildState.STITCHING);
        assertThat(effects()).noneMatch(Effect.Verify.class::isInstance);
        Effect.Publish publish = effects.stream()
                .filter(Effect.Publish.class::isInstance)
                .map(Effect.Publish.class::cast)
                .findFirst()
                .orElseThrow();
        assertThat(publish.build().id()).isEqualTo(AGAIN);
        assertThat(publish.build().slices())
                .extracting(slice -> slice.state())
                .containsExactly(new SliceState.Built(Optional.of(image(AMD64))));
        assertThat(queue.openTagGate(AGAIN, DIGEST)).isTrue();
        queue.published(now, AGAIN, INDEX);
        assertThat(again().state()).isEqualTo(BuildState.SUCCEEDED);
        assertThat(build().state()).isEqualTo(BuildState.FAILED);
    }

    @Test
    void stitch_isKept_andGoesOnInALaterProcess() throws Exception {
        refusedByTheRegistry();
        queue.stitch(now, AGAIN, wish("s"), false);
        InMemoryStore store = new InMemoryStore();
        store.append(effects().stream()
                .filter(Effect.Keep.class::isInstance)
                .map(effect -> ((Effect.Keep) effect).decision())
                .filter(decision -> decision.build().equals(AGAIN))
                .toList());

        BuildQueue later = new BuildQueue(Limits.defaults(), fences::incrementAndGet);
        later.restore(now, store.load());

        assertThat(later.build(AGAIN).orElseThrow().state()).isEqualTo(BuildState.STITCHING);
        assertThat(later.build(AGAIN).orElseThrow().slices()).isEqualTo(again().slices());
        assertThat(later.takeEffects()).anyMatch(Effect.Publish.class::isInstance);
        later.publishIncomplete(now, AGAIN, List.of(AMD64), Failure.of(Failure.Kind.REGISTRY, "lost"));
        assertThat(later.build(AGAIN).orElseThrow().state())
                .as("nothing was asked to be built")
                .isEqualTo(BuildState.FAILED);
    }

    @Test
    void stitch_slicesSayWhoBuiltThem_andThatItWasEmulated() throws Exception {
        Offer emulated = new Offer(ARM64, true, "operator's word");
        SyncCall call = new SyncCall(new Incarnation("p1", 0), 1, describe("amd-1", emulated), List.of(), false);
        queue.synchronize(now, call);
        submit(request("k", Optional.empty(), ARM64));
        Assignment assignment =
                queue.answer(now, call).orElseThrow().assignments().getFirst();
        assertThat(assignment.emulated()).isTrue();
        Held done = held(assignment.lease(), PUSHED);
        queue.synchronize(now, new SyncCall(call.incarnation(), 2, call.description(), List.of(done), false));
        queue.verified(now, assignment.lease(), image(ARM64));
        queue.publishRefused(now, BUILD, Failure.of(Failure.Kind.REGISTRY, "the tag is immutable"));

        queue.stitch(now, AGAIN, wish("s"), false);

        SliceSnapshot slice = again().slices().getFirst();
        assertThat(slice.attempt()).isZero();
        assertThat(slice.agent()).hasValue(new AgentId("amd-1"));
        assertThat(slice.emulated()).isTrue();
        assertThat(slice.host()).isEqualTo(host("amd-1"));
    }

    @Test
    void stitch_repeated_isTheSameBuild() throws Exception {
        refusedByTheRegistry();
        queue.stitch(now, AGAIN, wish("s"), false);
        effects();

        assertThat(queue.stitch(now, new BuildId("build-3"), wish("s"), true)).isEqualTo(AGAIN);

        assertThat(effects())
                .noneMatch(
                        effect -> effect instanceof Effect.Keep keep && keep.decision() instanceof Decision.Accepted);
    }

    @Test
    void stitch_withOtherTags_movesThose() throws Exception {
        refusedByTheRegistry();
        ImageReference other = ImageReference.parse("registry.example/app:2");

        queue.stitch(now, AGAIN, new Stitching(BUILD, "s", List.of(other), Optional.empty()), false);

        assertThat(again().request().tags()).containsExactly(other);
    }

    @Test
    void stitch_intoAnotherRepository_isRefused() throws Exception {
        refusedByTheRegistry();
        ImageReference elsewhere = ImageReference.parse("registry.example/other:1");

        refuses(new Stitching(BUILD, "s", List.of(elsewhere), Optional.empty()), "registry.example/app");
    }

    @Test
    void stitch_sliceIsNotBuilt_isRefused() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        take("amd-1", AMD64);

        refuses(wish("s"), "its slice linux/amd64 is running");
    }

    @Test
    void stitch_buildDidNotPush_isRefused() throws Exception {
        sync("amd-1", AMD64);
        BuildRequest pushing = request("k", Optional.empty(), AMD64);
        submit(new BuildRequest(
                "k",
                pushing.platforms(),
                List.of(),
                false,
                pushing.source(),
                pushing.options(),
                Optional.empty(),
                Optional.empty()));
        LeaseId lease = take("amd-1", AMD64);
        sync("amd-1", AMD64, held(lease, PUSHED));

        refuses(wish("s"), "did not push");
    }

    @Test
    void stitch_unknownBuild_isRefused() {
        refuses(wish("s"), "no build build-1");
    }

    private void refuses(Stitching wish, String said) {
        assertThatThrownBy(() -> queue.stitch(now, AGAIN, wish, false))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(said);
        assertThat(queue.build(AGAIN)).isEmpty();
    }

    private static Stitching wish(String key) {
        return new Stitching(BUILD, key, List.of(), Optional.empty());
    }

    private BuildSnapshot again() {
        return queue.build(AGAIN).orElseThrow();
    }

    private void refusedByTheRegistry() throws RefusedException {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        LeaseId lease = take("amd-1", AMD64);
        sync("amd-1", AMD64, held(lease, PUSHED));
        queue.verified(now, lease, image(AMD64));
        queue.publishRefused(now, BUILD, Failure.of(Failure.Kind.REGISTRY, "the tag is immutable"));
        assertThat(build().state()).isEqualTo(BuildState.FAILED);
    }
}
