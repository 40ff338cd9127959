package dev.sheaf.agent.slice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.sheaf.v1.AgentServiceGrpc;
import dev.sheaf.v1.LeaseRef;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.ReportRequest;
import dev.sheaf.v1.ReportResponse;
import dev.sheaf.v1.Vertex;
import dev.sheaf.v1.VertexLog;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ReportStreamTest {
    private static final LeaseRef LEASE = LeaseRef.newBuilder().setFence(7).build();
    private static final int PIECE = 60_000; // bytes

    private final Listener listener = new Listener();
    private Server server;
    private ManagedChannel channel;
    private ReportStream stream;

    @BeforeEach
    void start() throws IOException {
        server = serve(0);
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
        stream = new ReportStream(AgentServiceGrpc.newStub(channel), LEASE);
    }

    @AfterEach
    void stop() {
        stream.close();
        channel.shutdownNow();
        server.shutdownNow();
    }

    @Test
    void coordinatorGone_reportsGoOnWhenItIsBack_underTheSameLease() throws Exception {
        stream.add(step("before"));
        assertThat(listener.next().getProgress().getVertexes(0).getName()).isEqualTo("before");
        int port = server.getPort();
        server.shutdownNow().awaitTermination();

        server = serve(port);
        // What was on its way when the connection broke may be lost; from then on nothing is.
        int at = 0;
        while (listener.reports.isEmpty()) {
            stream.add(step(Integer.toString(at++)));
            Thread.sleep(20);
        }

        ReportRequest first = listener.next();
        assertThat(first.getLease()).isEqualTo(LEASE);
        int next = Integer.parseInt(first.getProgress().getVertexes(0).getName());
        assertThat(next).isLessThan(5);
        while (++next < at) {
            assertThat(listener.next().getProgress().getVertexes(0).getName()).isEqualTo(Integer.toString(next));
        }
    }

    @Test
    void coordinatorDoesNotRead_addingNeverBlocks_outputIsBoundedAndCounted() throws Exception {
        listener.paused = true;
        long added = 0;
        while (added < 5 * ReportStream.BUFFER_BYTES) {
            stream.add(output());
            added += PIECE;
        }
        stream.add(step("a step"));
        listener.resume();
        Thread closing = Thread.ofVirtual().start(stream::close);

        long heard = 0;
        long dropped = 0;
        boolean step = false;
        while (heard + dropped < added || !step) {
            Progress progress = listener.next().getProgress();
            heard += progress.getLogsList().stream()
                    .mapToLong(log -> log.getData().size())
                    .sum();
            dropped += progress.getDroppedLogBytes();
            step |= progress.getVertexesCount() > 0;
        }
        closing.join(Duration.ofSeconds(10));

        assertThat(heard + dropped).isEqualTo(added);
        // What the connection itself holds comes on top of the buffer.
        assertThat(heard).isBetween(ReportStream.BUFFER_BYTES - PIECE, ReportStream.BUFFER_BYTES + 2_000_000);
        assertThat(listener.completed.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void leaseIsOver_sendingEnds() throws Exception {
        listener.refusal = Status.FAILED_PRECONDITION;
        stream.add(step("one"));
        while (listener.calls.isEmpty()) {
            Thread.onSpinWait();
        }
        Thread closing = Thread.ofVirtual().start(stream::close);

        assertThat(closing.join(Duration.ofSeconds(4))).isTrue();
        assertThat(listener.calls).hasSize(1);
    }

    private Server serve(int port) throws IOException {
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .addService(listener)
                .build()
                .start();
    }

    private static Progress step(String name) {
        return Progress.newBuilder()
                .addVertexes(Vertex.newBuilder().setName(name))
                .build();
    }

    private static Progress output() {
        return Progress.newBuilder()
                .addLogs(VertexLog.newBuilder().setData(ByteString.copyFrom(new byte[PIECE])))
                .build();
    }

    private static final class Listener extends AgentServiceGrpc.AgentServiceImplBase {
        final BlockingQueue<StreamObserver<ReportResponse>> calls = new LinkedBlockingQueue<>();
        final BlockingQueue<ReportRequest> reports = new LinkedBlockingQueue<>();
        final CompletableFuture<Boolean> completed = new CompletableFuture<>();
        volatile boolean paused;
        volatile Status refusal = Status.OK;

        ReportRequest next() throws InterruptedException {
            ReportRequest next = reports.poll(20, TimeUnit.SECONDS);
            assertThat(next).as("a report within 20 s").isNotNull();
            return next;
        }

        void resume() throws InterruptedException {
            paused = false;
            ((ServerCallStreamObserver<ReportResponse>) calls.take()).request(Integer.MAX_VALUE);
        }

        @Override
        public StreamObserver<ReportRequest> report(StreamObserver<ReportResponse> answer) {
            calls.add(answer);
            if (paused) {
                ((ServerCallStreamObserver<ReportResponse>) answer).disableAutoRequest();
            }
            if (!refusal.isOk()) {
                answer.onError(refusal.asRuntimeException());
            }
            return new StreamObserver<>() {
                @Override
                public void onNext(ReportRequest request) {
                    reports.add(request);
                }

                @Override
                public void onError(Throwable error) {
                    // The agent gave up, or the server ends.
                }

                @Override
                public void onCompleted() {
                    completed.complete(true);
                    answer.onNext(ReportResponse.getDefaultInstance());
                    answer.onCompleted();
                }
            };
        }
    }
}
