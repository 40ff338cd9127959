package dev.sheaf.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.agent.engine.Engine;
import dev.sheaf.agent.engine.EngineReport;
import dev.sheaf.agent.engine.SolveListener;
import dev.sheaf.agent.engine.SolveRequest;
import dev.sheaf.agent.engine.SolveResult;
import dev.sheaf.agent.engine.session.ContextFiles;
import dev.sheaf.agent.slice.EngineSlices;
import dev.sheaf.agent.slice.LoggedRunner;
import dev.sheaf.agent.slice.ReportStream;
import dev.sheaf.agent.slice.smoke.SmokeTest;
import dev.sheaf.v1.AgentDescription;
import dev.sheaf.v1.AgentServiceGrpc;
import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.HeldLease;
import dev.sheaf.v1.LeaseRef;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.ReportRequest;
import dev.sheaf.v1.ReportResponse;
import dev.sheaf.v1.SynchronizeRequest;
import dev.sheaf.v1.SynchronizeResponse;
import dev.sheaf.v1.Vertex;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The loop against a real gRPC server on loopback that plays the coordinator, and an engine that does as it is told. */
@Timeout(30)
final class SessionTest {
    private static final String DIGEST = "sha256:" + "a".repeat(64);
    private static final Timing QUICK = new Timing(
            Duration.ofMillis(50),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            Duration.ofSeconds(20),
            Duration.ofMillis(200),
            Duration.ofMillis(20));

    private final FakeCoordinator coordinator = new FakeCoordinator();
    private final FakeEngine engine = new FakeEngine();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private Server server;
    private ManagedChannel channel;
    private Session session;
    private Thread loop;

    @BeforeEach
    void start() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(coordinator)
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
        var reports = AgentServiceGrpc.newStub(channel);
        var slices = new EngineSlices(
                engine,
                (_, _) -> ContextFiles.none(),
                lease -> new ReportStream(reports, lease),
                new SmokeTest(engine, "a", timer));
        session = new Session(
                AgentServiceGrpc.newFutureStub(channel),
                new LoggedRunner(slices, System::nanoTime),
                () -> AgentDescription.newBuilder().setName("a").setSlots(1).build(),
                new Session.Voice(new Incarnation("inc", 5), QUICK, System::nanoTime, new SplittableRandom(1)));
        loop = Thread.ofVirtual().start(() -> {
            try {
                session.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @AfterEach
    void stop() throws InterruptedException {
        timer.shutdownNow();
        loop.interrupt();
        loop.join(Duration.ofSeconds(10));
        channel.shutdownNow();
        server.shutdownNow();
    }

    @Test
    void run_assignment_isBuiltReportedAndSettled() throws InterruptedException {
        coordinator.script = request -> coordinator.ordinary(request, 7);
        assertThat(engine.begun.poll(10, TimeUnit.SECONDS)).isNotNull();
        engine.finish.countDown();
        assertThat(coordinator.outcomes.poll(10, TimeUnit.SECONDS))
                .extracting(held -> held.getOutcome().getPushed().getDigest())
                .isEqualTo(DIGEST);
        assertThat(coordinator.reported.poll(10, TimeUnit.SECONDS))
                .extracting(
                        report -> report.getProgress().getVertexes(0).getName(),
                        report -> report.getLease().getFence())
                .containsExactly("[1/1] FROM scratch", 7L);
        session.drain(Duration.ofSeconds(5));
        loop.join(Duration.ofSeconds(10));
        assertThat(loop.isAlive()).isFalse();
        assertThat(coordinator.last.getDraining()).isTrue();
    }

    @Test
    void run_sameAssignmentInEachAnswer_isBuiltOnce() throws InterruptedException {
        coordinator.script = request -> coordinator.ordinary(request, 7).toBuilder()
                .clearAssignments()
                .addAssignments(assignment(7))
                .build();
        assertThat(engine.begun.poll(10, TimeUnit.SECONDS)).isNotNull();
        int calls = coordinator.calls.get();
        while (coordinator.calls.get() < calls + 3) {
            Thread.onSpinWait();
        }
        assertThat(engine.solves.get()).isEqualTo(1);
    }

    @Test
    void run_stopFromTheCoordinator_interruptsTheBuild() throws InterruptedException {
        coordinator.script = request -> coordinator.ordinary(request, 7);
        assertThat(engine.begun.poll(10, TimeUnit.SECONDS)).isNotNull();
        coordinator.script =
                _ -> SynchronizeResponse.newBuilder().addStopFences(7).build();
        assertThat(engine.interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void run_coordinatorGone_stopsTheBuildByItself() throws InterruptedException {
        coordinator.script = request -> coordinator.ordinary(request, 7).toBuilder()
                .setLeaseTime(com.google.protobuf.Duration.newBuilder().setNanos(500_000_000))
                .build();
        assertThat(engine.begun.poll(10, TimeUnit.SECONDS)).isNotNull();
        server.shutdownNow();
        assertThat(engine.interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void run_coordinatorRefusesAtFirst_comesBackByItself() throws InterruptedException {
        AtomicInteger refusals = new AtomicInteger(3);
        coordinator.script = request -> {
            if (refusals.getAndDecrement() > 0) {
                throw Status.UNAVAILABLE.asRuntimeException();
            }
            return coordinator.ordinary(request, 7);
        };
        assertThat(engine.begun.poll(10, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void run_nameStillTaken_goesOnAsking() throws InterruptedException {
        AtomicInteger refusals = new AtomicInteger(10);
        coordinator.script = request -> {
            if (refusals.getAndDecrement() > 0) {
                throw Status.ALREADY_EXISTS
                        .withDescription("another live agent is called \"a\"")
                        .asRuntimeException();
            }
            return coordinator.ordinary(request, 7);
        };
        assertThat(engine.begun.poll(10, TimeUnit.SECONDS)).isNotNull();
        assertThat(coordinator.last.getIncarnation()).isEqualTo("inc");
        assertThat(coordinator.last.getStartedAt()).isEqualTo(5);
    }

    @Test
    void drain_beyondItsTime_stopsTheBuildAndSaysSo() throws InterruptedException {
        coordinator.script = request -> coordinator.ordinary(request, 7);
        assertThat(engine.begun.poll(10, TimeUnit.SECONDS)).isNotNull();
        session.drain(Duration.ofMillis(100));
        assertThat(coordinator.outcomes.poll(10, TimeUnit.SECONDS))
                .extracting(held -> held.getOutcome().getStopped().getReason())
                .isEqualTo("the agent is stopping");
        assertThat(engine.interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        loop.join(Duration.ofSeconds(10));
        assertThat(loop.isAlive()).isFalse();
    }

    private static Assignment assignment(long fence) {
        return Assignment.newBuilder()
                .setLease(LeaseRef.newBuilder()
                        .setBuildId("b")
                        .setPlatform("linux/amd64")
                        .setFence(fence))
                .setAttempt(1)
                .build();
    }

    private static final class FakeCoordinator extends AgentServiceGrpc.AgentServiceImplBase {
        final BlockingQueue<HeldLease> outcomes = new LinkedBlockingQueue<>();
        final BlockingQueue<ReportRequest> reported = new LinkedBlockingQueue<>();
        final AtomicInteger calls = new AtomicInteger();
        volatile Function<SynchronizeRequest, SynchronizeResponse> script =
                _ -> SynchronizeResponse.getDefaultInstance();
        volatile SynchronizeRequest last = SynchronizeRequest.getDefaultInstance();
        private volatile boolean settled;

        /** Gives one lease, renews it, settles its outcome. */
        SynchronizeResponse ordinary(SynchronizeRequest request, long fence) {
            SynchronizeResponse.Builder answer = SynchronizeResponse.newBuilder();
            if (request.getLeasesCount() == 0 && !settled && !request.getDraining()) {
                answer.addAssignments(assignment(fence));
            }
            for (HeldLease held : request.getLeasesList()) {
                if (held.hasOutcome()) {
                    settled = true;
                    outcomes.add(held);
                    answer.addSettledFences(held.getLease().getFence());
                } else {
                    answer.addRenewedFences(held.getLease().getFence());
                }
            }
            return answer.build();
        }

        /** A call that was given up may be served after its successor. */
        private synchronized void keep(SynchronizeRequest request) {
            last = request.getSequence() > last.getSequence() ? request : last;
        }

        @Override
        public void synchronize(SynchronizeRequest request, StreamObserver<SynchronizeResponse> observer) {
            calls.incrementAndGet();
            keep(request);
            try {
                observer.onNext(script.apply(request));
                observer.onCompleted();
            } catch (RuntimeException e) {
                observer.onError(e);
            }
        }

        @Override
        public StreamObserver<ReportRequest> report(StreamObserver<ReportResponse> observer) {
            return new StreamObserver<>() {
                private LeaseRef lease = LeaseRef.getDefaultInstance();

                @Override
                public void onNext(ReportRequest request) {
                    if (request.hasLease()) {
                        lease = request.getLease();
                    }
                    if (request.hasProgress()) {
                        reported.add(request.toBuilder().setLease(lease).build());
                    }
                    observer.onNext(ReportResponse.newBuilder()
                            .setReceived(request.getNumber())
                            .build());
                }

                @Override
                public void onError(Throwable error) {
                    // The agent gave up: nothing to answer.
                }

                @Override
                public void onCompleted() {
                    observer.onCompleted();
                }
            };
        }
    }

    private static final class FakeEngine implements Engine {
        final BlockingQueue<SolveRequest> begun = new LinkedBlockingQueue<>();
        final CountDownLatch finish = new CountDownLatch(1);
        final CountDownLatch interrupted = new CountDownLatch(1);
        final AtomicInteger solves = new AtomicInteger();

        @Override
        public EngineReport probe() {
            return new EngineReport("fake", EngineReport.Facts.NONE, List.of(), "");
        }

        @Override
        public boolean answers() {
            return true;
        }

        @Override
        public SolveResult solve(SolveRequest request, SolveListener listener) throws InterruptedException {
            solves.incrementAndGet();
            begun.add(request);
            listener.progress(Progress.newBuilder()
                    .addVertexes(Vertex.newBuilder().setName("[1/1] FROM scratch"))
                    .build());
            try {
                finish.await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
            return new SolveResult(DIGEST);
        }

        @Override
        public void close() {
            // Nothing to close.
        }
    }
}
