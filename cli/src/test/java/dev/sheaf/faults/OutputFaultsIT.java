package dev.sheaf.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.farm.Program;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.BuildServiceGrpc;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.SliceStage;
import dev.sheaf.v1.WatchRequest;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** Rows L about output: floods of it, readers that do not read, readers by the thousand. */
final class OutputFaultsIT extends FaultsFixture {
    private Site site;

    @BeforeEach
    void begin() throws Exception {
        site = open();
    }

    @Test
    void L6_floodOf200MB_isCutAndCounted_coordinatorStaysSmall() throws Exception {
        CountDownLatch flooded = new CountDownLatch(1);
        site.fake("flood", AMD64, 2, assignment -> {
            flooded.await();
            return ScriptedAgent.pushed();
        });
        String build = site.api().submit(Api.check(AMD64));
        site.api().awaitSlice(build, SliceStage.SLICE_STAGE_RUNNING, 1, MINUTE);
        long before = site.coordinator().peakResidentBytes();

        long sent = Flood.send(site.api().channel(), site.lease(build), 200);
        String other = site.api().submit(Api.check(AMD64));
        site.api().awaitSlice(other, SliceStage.SLICE_STAGE_RUNNING, 1, Site.within(Duration.ofSeconds(5)));
        flooded.countDown();
        site.api().awaitEnd(build, MINUTE);
        site.api().awaitEnd(other, MINUTE);

        List<BuildEvent> events = site.api().events(build);
        long kept = events.stream()
                .flatMap(event -> event.getProgress().getLogsList().stream())
                .mapToLong(log -> log.getData().size())
                .sum();
        long dropped = events.stream()
                .mapToLong(event -> event.getProgress().getDroppedLogBytes())
                .sum();
        assertThat(kept).isBetween(1L << 20, 65L << 20);
        assertThat(kept + dropped).as("kept and counted as dropped").isEqualTo(sent);
        assertThat(site.coordinator().peakResidentBytes() - before)
                .as("growth of the coordinator")
                .isLessThan(200L << 20);
        site.judge();
    }

    @Test
    void L7_readerThatDoesNotRead_holdsUpNobody() throws Exception {
        CountDownLatch flooded = new CountDownLatch(1);
        site.fake("a", AMD64, 2, _ -> {
            flooded.await();
            return ScriptedAgent.pushed();
        });
        String build = site.api().submit(Api.check(AMD64));
        site.api().awaitSlice(build, SliceStage.SLICE_STAGE_RUNNING, 1, MINUTE);
        List<SlowReader> readers = IntStream.range(0, 20)
                .mapToObj(_ -> new SlowReader(site.api().channel(), build))
                .toList();
        long before = site.coordinator().peakResidentBytes();

        Flood.send(site.api().channel(), site.lease(build), 40);
        flooded.countDown();

        assertThat(site.api()
                        .awaitEnd(build, Site.within(Duration.ofSeconds(20)))
                        .getState())
                .isEqualTo(BuildState.BUILD_STATE_SUCCEEDED);
        assertThat(readers).as("events that slow readers have taken").allMatch(reader -> reader.taken.get() <= 1);
        assertThat(site.coordinator().peakResidentBytes() - before)
                .as("growth of the coordinator")
                .isLessThan(200L << 20);
        long all = site.api().events(build).size();
        SlowReader late = readers.getFirst();
        late.readAll();
        Program.await("the slow reader has it all", MINUTE, () -> late.taken.get() == all && late.ended);
        readers.forEach(SlowReader::cancel);
        site.judge();
    }

    /** Asks for one event and then for no more. */
    private static final class SlowReader implements ClientResponseObserver<WatchRequest, BuildEvent> {
        private final AtomicLong taken = new AtomicLong();
        private volatile boolean ended;
        private volatile boolean reads;
        private volatile @Nullable ClientCallStreamObserver<WatchRequest> call;

        SlowReader(ManagedChannel channel, String build) {
            BuildServiceGrpc.newStub(channel)
                    .watch(WatchRequest.newBuilder().setBuildId(build).build(), this);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchRequest> stream) {
            call = stream;
            stream.disableAutoRequestWithInitial(1);
        }

        @Override
        public void onNext(BuildEvent event) {
            taken.incrementAndGet();
            if (reads) {
                call().request(1);
            }
        }

        @Override
        public void onError(Throwable failure) {
            // cancelled by the test
        }

        @Override
        public void onCompleted() {
            ended = true;
        }

        private ClientCallStreamObserver<WatchRequest> call() {
            return Objects.requireNonNull(call);
        }

        void readAll() {
            reads = true;
            call().request(1);
        }

        void cancel() {
            call().cancel("the test ends", null);
        }
    }

    @Test
    @ResourceLock(Resources.GLOBAL) // alone: beside a test that takes a processor it says nothing of followers
    void L8_1000Followers_allSeeTheEndWithin5s() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        site.fake("a", AMD64, 1, _ -> {
            go.await();
            return ScriptedAgent.pushed();
        });
        String build = site.api().submit(Api.check(AMD64));
        site.api().awaitSlice(build, SliceStage.SLICE_STAGE_RUNNING, 1, MINUTE);
        List<ManagedChannel> channels = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            ManagedChannel channel = Api.channel(site.address());
            channels.add(channel);
            site.owns(channel::shutdownNow);
        }
        CountDownLatch ended = new CountDownLatch(1_000);
        CountDownLatch attached = new CountDownLatch(1_000);
        for (int i = 0; i < 1_000; i++) {
            BuildServiceGrpc.newStub(channels.get(i % channels.size()))
                    .watch(WatchRequest.newBuilder().setBuildId(build).build(), new Follower(attached, ended));
        }
        assertThat(attached.await(30, TimeUnit.SECONDS)).as("all are attached").isTrue();
        Flood.send(site.api().channel(), site.lease(build), 1);

        long start = System.nanoTime();
        go.countDown();

        assertThat(ended.await(30, TimeUnit.SECONDS)).as("all see the end").isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Site.within(Duration.ofSeconds(5)));
        site.judge();
    }

    private static final class Follower implements io.grpc.stub.StreamObserver<BuildEvent> {
        private final CountDownLatch attached;
        private final CountDownLatch ended;
        private boolean first = true;

        Follower(CountDownLatch attached, CountDownLatch ended) {
            this.attached = attached;
            this.ended = ended;
        }

        @Override
        public void onNext(BuildEvent event) {
            if (first) {
                first = false;
                attached.countDown();
            }
            if (event.hasBuild() && Api.isEnd(event.getBuild())) {
                ended.countDown();
            }
        }

        @Override
        public void onError(Throwable failure) {
            // then it does not see the end
        }

        @Override
        public void onCompleted() {
            // seen by its last event
        }
    }
}
