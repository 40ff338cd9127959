package dev.sheaf.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.agent.host.HostProof;
import dev.sheaf.agent.host.ProvedPlatform;
import dev.sheaf.agent.offer.Terms;
import dev.sheaf.agent.session.Incarnation;
import dev.sheaf.agent.session.Timing;
import dev.sheaf.image.Platform;
import dev.sheaf.v1.AgentServiceGrpc;
import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.HeldLease;
import dev.sheaf.v1.LeaseRef;
import dev.sheaf.v1.SynchronizeRequest;
import dev.sheaf.v1.SynchronizeResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The whole agent but for its host and its engine, against a coordinator on loopback that has one slice to give. */
@Timeout(60)
final class AgentProgramTest {
    private static final HostProof PROOF = new HostProof(
            List.of(new ProvedPlatform(Platform.parse("linux/amd64"), "ran one")),
            List.of(),
            List.of(),
            "x86_64",
            "Linux 6",
            "CPU");

    private final OneSlice coordinator = new OneSlice();
    private final FakeEngine engine = new FakeEngine();
    private final CompletableFuture<Runnable> stop = new CompletableFuture<>();
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private Server server;
    private ManagedChannel channel;
    private Thread program;

    @BeforeEach
    void start() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(coordinator)
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
        AgentProgram.Settings settings = new AgentProgram.Settings(
                new Terms("a", 1, List.of(), List.of(), "1"),
                Timing.STANDARD,
                Duration.ofMinutes(1),
                Duration.ofSeconds(30),
                new Incarnation("inc", 1));
        AgentProgram agent = new AgentProgram(
                new AgentProgram.Channels(channel, channel),
                engine,
                settings,
                System::nanoTime,
                new SplittableRandom(1));
        program = Thread.ofVirtual().start(() -> {
            try {
                exit.complete(agent.run(() -> PROOF, stop::complete));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @AfterEach
    void end() throws InterruptedException {
        program.interrupt();
        program.join(Duration.ofSeconds(10));
        channel.shutdownNow();
        server.shutdownNow();
    }

    @Test
    void stop_once_letsTheSliceFinishAndTakesNothingNew() throws Exception {
        assertThat(engine.begun.poll(10, TimeUnit.SECONDS)).isNotNull();
        stop.get().run();
        while (!coordinator.last.getDraining()) {
            Thread.onSpinWait();
        }
        assertThat(coordinator.last.getLeasesList()).singleElement().matches(held -> !held.hasOutcome());

        engine.finish.countDown();

        assertThat(coordinator
                        .outcomes
                        .poll(10, TimeUnit.SECONDS)
                        .getOutcome()
                        .getPushed()
                        .getDigest())
                .isEqualTo(FakeEngine.DIGEST);
        assertThat(exit.get(10, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void stop_twice_handsTheSliceBackAtOnce() throws Exception {
        assertThat(engine.begun.poll(10, TimeUnit.SECONDS)).isNotNull();
        stop.get().run();
        stop.get().run();

        assertThat(coordinator
                        .outcomes
                        .poll(10, TimeUnit.SECONDS)
                        .getOutcome()
                        .getStopped()
                        .getReason())
                .isEqualTo("the agent is stopping");
        assertThat(engine.interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(exit.get(10, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void engineDiesInMidBuild_offerIsWithdrawnTogetherWithTheOutcome() throws Exception {
        assertThat(engine.begun.poll(10, TimeUnit.SECONDS)).isNotNull();
        engine.die("it is away; start it");

        HeldLease held = coordinator.outcomes.poll(10, TimeUnit.SECONDS);

        assertThat(held.getOutcome().getFailed().getMessage()).isEqualTo("it is away; start it");
        assertThat(coordinator.withOutcome.getDescription().getPlatformsList()).isEmpty();
        assertThat(coordinator.withOutcome.getDescription().getUnavailable()).isEqualTo("it is away; start it");
    }

    private static final class OneSlice extends AgentServiceGrpc.AgentServiceImplBase {
        final BlockingQueue<HeldLease> outcomes = new LinkedBlockingQueue<>();
        volatile SynchronizeRequest last = SynchronizeRequest.getDefaultInstance();
        volatile SynchronizeRequest withOutcome = SynchronizeRequest.getDefaultInstance();
        private boolean given;

        @Override
        public synchronized void synchronize(SynchronizeRequest request, StreamObserver<SynchronizeResponse> observer) {
            SynchronizeResponse.Builder answer = SynchronizeResponse.newBuilder();
            if (!given) {
                given = true;
                answer.addAssignments(Assignment.newBuilder()
                        .setLease(LeaseRef.newBuilder()
                                .setBuildId("b")
                                .setPlatform("linux/amd64")
                                .setFence(1))
                        .setPlatform(FakeEngine.AMD64)
                        .setAttempt(1));
            }
            for (HeldLease held : request.getLeasesList()) {
                if (held.hasOutcome()) {
                    withOutcome = request;
                    outcomes.add(held);
                    answer.addSettledFences(held.getLease().getFence());
                } else {
                    answer.addRenewedFences(held.getLease().getFence());
                }
            }
            last = request;
            observer.onNext(answer.build());
            observer.onCompleted();
        }
    }
}
