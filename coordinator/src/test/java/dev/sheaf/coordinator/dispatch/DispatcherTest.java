package dev.sheaf.coordinator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.coordinator.agents.AgentDescription;
import dev.sheaf.coordinator.agents.Assignment;
import dev.sheaf.coordinator.agents.Incarnation;
import dev.sheaf.coordinator.agents.SyncAnswer;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.Outcome;
import dev.sheaf.coordinator.build.SliceSnapshot;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.coordinator.store.InMemoryStore;
import dev.sheaf.coordinator.store.Store;
import dev.sheaf.coordinator.store.StoreException;
import dev.sheaf.coordinator.store.Stored;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.MediaType;
import dev.sheaf.image.Platform;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DispatcherTest {
    private static final Platform AMD64 = Platform.of("linux", "amd64");
    private static final Digest DIGEST = Digest.of(new byte[] {1});
    private static final Descriptor MANIFEST =
            Descriptor.of(MediaType.OCI_MANIFEST, DIGEST, 500).withPlatform(AMD64);
    private static final Attachments SECRETS =
            new Attachments(List.of(new Attachments.Login("registry.example", "me", "hunter2", "")), List.of());

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicLong ids = new AtomicLong();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final List<Dispatcher> opened = new ArrayList<>();
    private final InMemoryStore memory = new InMemoryStore();

    private static final SliceVerifier.Verdict VERIFIED =
            new SliceVerifier.Verdict.Verified(new VerifiedSlice(MANIFEST, DIGEST, List.of(MANIFEST)));

    @AfterEach
    void close() {
        opened.forEach(Dispatcher::close);
    }

    @Test
    void build_wholeLife_isHeardInOrderAndSecretsAreDropped() throws Exception {
        Dispatcher dispatcher = dispatcher(memory);
        sync(dispatcher, 1);
        BuildId id = dispatcher.submit(submission());
        assertThat(dispatcher.attachments(id)).contains(SECRETS);
        Assignment assignment = sync(dispatcher, 2).assignments().getFirst();
        assertThat(dispatcher.isLive(assignment.lease())).isTrue();
        assertThat(memory.load().builds().getFirst().slices().getFirst().state())
                .isEqualTo(new SliceState.Leased(new AgentId("amd-1"), 1));
        sync(dispatcher, 3, new SyncCall.Held(assignment.lease(), Optional.of(new Outcome.Pushed(DIGEST))));
        awaitState(dispatcher, id, BuildState.SUCCEEDED);
        assertThat(heard)
                .containsExactly("QUEUED", "LEASED", "BUILDING", "VERIFYING", "BUILT", "STITCHING", "SUCCEEDED");
        assertThat(dispatcher.attachments(id)).contains(new Attachments(SECRETS.logins(), List.of()));
        nanos.addAndGet(Duration.ofMinutes(11).toNanos());
        dispatcher.step(step -> step.queue().advance(step.now()));
        assertThat(dispatcher.attachments(id)).isEmpty();
        assertThat(memory.load().builds().getFirst().end()).isPresent();
    }

    @Test
    void verify_thatBreaksWithAnError_isTriedAgain() throws Exception {
        AtomicLong asked = new AtomicLong();
        Dispatcher dispatcher = dispatcher(memory, (_, _, _, _) -> {
            if (asked.incrementAndGet() == 1) {
                throw new NoClassDefFoundError("a library that is not there");
            }
            return VERIFIED;
        });
        sync(dispatcher, 1);
        BuildId id = dispatcher.submit(submission());
        Assignment assignment = sync(dispatcher, 2).assignments().getFirst();
        sync(dispatcher, 3, new SyncCall.Held(assignment.lease(), Optional.of(new Outcome.Pushed(DIGEST))));
        while (!heard.contains("notice")) {
            Thread.onSpinWait();
        }
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        dispatcher.step(step -> step.queue().advance(step.now()));
        awaitState(dispatcher, id, BuildState.SUCCEEDED);
    }

    @Test
    void synchronize_waitingAgent_hearsOfABuildAtOnce() throws Exception {
        Dispatcher dispatcher = dispatcher(memory);
        sync(dispatcher, 1);
        FutureTask<SyncAnswer> waiting =
                new FutureTask<>(() -> dispatcher.synchronize(call(2), Duration.ofSeconds(15)));
        Thread.ofVirtual().start(waiting);
        dispatcher.submit(submission());
        assertThat(waiting.get(10, TimeUnit.SECONDS).assignments()).hasSize(1);
    }

    @Test
    void synchronize_laterCallOfTheSameAgent_endsTheEarlierOne() throws Exception {
        Dispatcher dispatcher = dispatcher(memory);
        FutureTask<SyncAnswer> waiting =
                new FutureTask<>(() -> dispatcher.synchronize(call(1), Duration.ofSeconds(15)));
        Thread.ofVirtual().start(waiting);
        while (dispatcher.agents().isEmpty()) {
            Thread.onSpinWait();
        }
        sync(dispatcher, 2);
        dispatcher.submit(submission());
        assertThat(waiting.get(10, TimeUnit.SECONDS).assignments()).isEmpty();
    }

    @Test
    void tick_leaseTimePassed_endsTheLease() throws Exception {
        Dispatcher dispatcher = dispatcher(memory);
        sync(dispatcher, 1);
        dispatcher.submit(submission());
        Assignment assignment = sync(dispatcher, 2).assignments().getFirst();
        nanos.addAndGet(Duration.ofSeconds(20).toNanos());
        dispatcher.step(step -> step.queue().advance(step.now()));
        dispatcher.agents(); // returns once all that happened was told
        assertThat(dispatcher.isLive(assignment.lease())).isFalse();
        assertThat(heard).contains("notice").last().isEqualTo("QUEUED");
    }

    @Test
    void submit_storeBroken_nothingIsSeenAndNothingGoesOn() throws Exception {
        FlakyStore store = new FlakyStore();
        store.failure = new StoreException(StoreException.Kind.BROKEN, "the file is damaged");
        Dispatcher dispatcher = dispatcher(store);
        sync(dispatcher, 1);
        assertThatThrownBy(() -> dispatcher.submit(submission())).hasMessage("the file is damaged");
        assertThat(heard).isEmpty();
        assertThatThrownBy(() -> sync(dispatcher, 2)).isInstanceOf(StoreException.class);
        assertThat(dispatcher.awaitEnd()).isPresent();
    }

    @Test
    void synchronize_storeDoesNotAnswer_leasesAreRenewedAndNothingNewIsTold() throws Exception {
        FlakyStore store = new FlakyStore();
        Dispatcher dispatcher = dispatcher(store);
        sync(dispatcher, 1);
        dispatcher.submit(submission());
        LeaseId lease = sync(dispatcher, 2).assignments().getFirst().lease();
        store.failure = new StoreException(StoreException.Kind.UNAVAILABLE, "no room on the disk");
        SyncAnswer settling = sync(dispatcher, 3, new SyncCall.Held(lease, Optional.of(new Outcome.Pushed(DIGEST))));
        assertThat(settling.settled()).isEmpty();
        assertThatThrownBy(() -> dispatcher.submit(submission("another")))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("no room on the disk");
        store.failure = null;
        SyncAnswer settled = dispatcher.synchronize(
                call(4, new SyncCall.Held(lease, Optional.of(new Outcome.Pushed(DIGEST)))), Duration.ZERO);
        assertThat(settled.settled()).containsExactly(lease.fence());
    }

    @Test
    void start_afterAnotherProcess_goesOnOnceTheCredentialsAreThere() throws Exception {
        Dispatcher before = dispatcher(memory);
        sync(before, 1);
        BuildId id = before.submit(submission());
        LeaseId lease = sync(before, 2).assignments().getFirst().lease();
        before.close();
        heard.clear();

        Dispatcher after = dispatcher(memory);
        assertThat(after.isLive(lease)).isTrue();
        assertThat(sync(after, 3, new SyncCall.Held(lease, Optional.empty())).renewed())
                .containsExactly(lease.fence());
        sync(after, 4, new SyncCall.Held(lease, Optional.of(new Outcome.Pushed(DIGEST))));
        assertThat(after.build(id).orElseThrow().slices().getFirst().state()).isInstanceOf(SliceState.Verifying.class);
        assertThat(after.submit(submission())).isEqualTo(id);
        awaitState(after, id, BuildState.SUCCEEDED);
        assertThat(heard).doesNotContain("LEASED");
    }

    @Test
    void start_buildWithNothingSecret_isGivenToAgents() throws Exception {
        Dispatcher before = dispatcher(memory);
        sync(before, 1);
        Submission secretive = submission();
        BuildId id = before.submit(new Submission(secretive.request(), Attachments.NONE));
        before.close();
        Dispatcher after = dispatcher(memory);
        assertThat(sync(after, 2).assignments()).hasSize(1);
        assertThat(after.attachments(id)).contains(Attachments.NONE);
    }

    @Test
    void start_credentialsNeverComeBack_buildFailsAndSaysSo() throws Exception {
        Dispatcher before = dispatcher(memory);
        sync(before, 1);
        BuildId id = before.submit(submission());
        before.close();
        Dispatcher after = dispatcher(memory);
        assertThat(sync(after, 2).assignments()).isEmpty();
        nanos.addAndGet(Duration.ofMinutes(10).toNanos());
        after.step(step -> step.queue().advance(step.now()));
        BuildSnapshot failed = awaitState(after, id, BuildState.FAILED);
        assertThat(failed.result().failure().orElseThrow().message()).contains("run the build again");
    }

    private static BuildSnapshot awaitState(Dispatcher dispatcher, BuildId id, BuildState state) throws Exception {
        for (int tries = 0; tries < 1000; tries++) {
            BuildSnapshot build = dispatcher.build(id).orElseThrow();
            if (build.state() == state) {
                return build;
            }
            Thread.sleep(10);
        }
        throw new AssertionError("the build did not become " + state + ": " + dispatcher.build(id));
    }

    /** Keeps in memory, unless it is told to fail. */
    private static final class FlakyStore implements Store {
        private final InMemoryStore kept = new InMemoryStore();
        private volatile @Nullable StoreException failure;

        @Override
        public void append(List<Decision> decisions) {
            StoreException now = failure;
            if (now != null) {
                throw now;
            }
            kept.append(decisions);
        }

        @Override
        public Stored load() {
            return kept.load();
        }

        @Override
        public void close() {
            kept.close();
        }
    }

    @Test
    void attachments_printed_showNoSecret() {
        assertThat(submission().toString()).contains("registry.example").doesNotContain("hunter2");
    }

    private Dispatcher dispatcher(Store store) {
        return dispatcher(store, (_, _, _, _) -> VERIFIED);
    }

    private Dispatcher dispatcher(Store store, SliceVerifier verifier) {
        Dispatcher.Ports ports = new Dispatcher.Ports(
                new Listener(),
                verifier,
                (_, _, _, gate) -> gate.open(DIGEST)
                        ? new IndexPublisher.Publication.Published(MANIFEST)
                        : new IndexPublisher.Publication.Abandoned(),
                (_, _, _) -> {},
                store);
        Dispatcher.Sources sources =
                new Dispatcher.Sources(() -> Instant.EPOCH, nanos::get, () -> new UUID(0, ids.incrementAndGet()));
        Dispatcher dispatcher = new Dispatcher(Limits.defaults(), ports, sources, Map.of());
        dispatcher.start();
        opened.add(dispatcher);
        return dispatcher;
    }

    private static Submission submission() {
        return submission("key");
    }

    private static Submission submission(String key) {
        BuildRequest request = new BuildRequest(
                key,
                List.of(AMD64),
                List.of(ImageReference.parse("registry.example/app:1")),
                true,
                new BuildRequest.Source.Url("https://git.example/app"),
                BuildRequest.Options.defaults(),
                Optional.empty(),
                Optional.empty());
        return new Submission(request, SECRETS);
    }

    private static SyncAnswer sync(Dispatcher dispatcher, long sequence, SyncCall.Held... held) throws Exception {
        return dispatcher.synchronize(call(sequence, held), Duration.ZERO);
    }

    private static SyncCall call(long sequence, SyncCall.Held... held) {
        AgentDescription description = new AgentDescription(
                new AgentId("amd-1"),
                List.of(new AgentDescription.Offer(AMD64, false, "CPU and kernel")),
                1,
                AgentDescription.Particulars.UNKNOWN);
        return new SyncCall(new Incarnation("process", 0), sequence, description, List.of(held), false);
    }

    private final class Listener implements BuildEvents {
        @Override
        public void buildChanged(BuildSnapshot build) {
            heard.add(build.state().name());
        }

        @Override
        public void sliceChanged(SliceSnapshot slice) {
            heard.add(slice.state().stage().name());
        }

        @Override
        public void notice(BuildId build, Optional<Platform> platform, String text) {
            heard.add("notice");
        }

        @Override
        public void buildForgotten(BuildId build) {
            heard.add("forgotten");
        }
    }
}
