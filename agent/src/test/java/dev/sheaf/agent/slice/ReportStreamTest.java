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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        stream = new ReportStream(AgentServiceGrpc.newStub(channel), LEASE, Duration.ofMillis(50));
    }

    @AfterEach
    void stop() {
        stream.close();
        channel.shutdownNow();
        server.shutdownNow();
    }

    @Test
    void coordinatorGone_reportsGoOnWhenItIsBack_underTheSameLease_fromWhereItStopped() throws Exception {
        stream.add(step("0"));
        assertThat(listener.next().getProgress().getVertexes(0).getName()).isEqualTo("0");
        int port = server.getPort();
        server.shutdownNow().awaitTermination();
        for (int i = 1; i < 50; i++) {
            stream.add(step(Integer.toString(i)));
        }

        server = serve(port);

        for (int i = 1; i < 50; i++) {
            ReportRequest next = listener.next();
            assertThat(next.getProgress().getVertexes(0).getName()).isEqualTo(Integer.toString(i));
            assertThat(next.getNumber()).isEqualTo(i + 1);
        }
        assertThat(listener.leases).containsOnly(LEASE);
    }

    /** At each message of a call: the question what was received, and each report; before it is kept, and after. */
    @ParameterizedTest
    @CsvSource({
        "0, false", "1, false", "2, false", "3, false", "4, false", "5, false",
        "0, true", "1, true", "2, true", "3, true", "4, true", "5, true"
    })
    void streamBreaksAtAMessage_noReportIsLost_noneComesTwice(int message, boolean isKept) throws Exception {
        listener.breakAt = message;
        listener.keepsBroken = isKept;
        for (int i = 0; i < 3; i++) {
            stream.add(step(Integer.toString(i)));
        }
        if (message < 4) {
            listener.broken.get(10, TimeUnit.SECONDS);
        }
        for (int i = 3; i < 6; i++) {
            stream.add(step(Integer.toString(i)));
        }

        stream.close();

        assertThat(listener.reports)
                .extracting(report -> report.getProgress().getVertexes(0).getName())
                .containsExactly("0", "1", "2", "3", "4", "5");
        assertThat(listener.reports).extracting(ReportRequest::getNumber).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(listener.broken).isDone();
        assertThat(listener.calls).hasSize(2);
    }

    @Test
    void endIsNotConfirmed_itIsAskedWhatWasReceived() throws Exception {
        listener.breaksAtEnd = true;
        stream.add(step("only"));

        stream.close();

        assertThat(listener.reports).hasSize(1);
        assertThat(listener.broken).isDone();
    }

    @Test
    void nothingIsConfirmed_whatIsKeptIsBounded_andTheRestIsCounted() throws Exception {
        listener.confirms = false;
        long added = 0;
        while (added < 3 * ReportBuffer.LIMIT_BYTES) {
            stream.add(output());
            added += PIECE;
        }
        stream.close();

        long heard = 0;
        long dropped = 0;
        for (ReportRequest report : listener.reports) {
            heard += report.getProgress().getLogsList().stream()
                    .mapToLong(log -> log.getData().size())
                    .sum();
            dropped += report.getProgress().getDroppedLogBytes();
        }
        assertThat(heard + dropped).isEqualTo(added);
        assertThat(heard).isBetween(ReportBuffer.LIMIT_BYTES - 2 * PIECE, ReportBuffer.LIMIT_BYTES);
    }

    @Test
    void coordinatorDoesNotRead_addingNeverBlocks_outputIsBoundedAndCounted() throws Exception {
        listener.paused = true;
        long added = 0;
        while (added < 5 * ReportBuffer.LIMIT_BYTES) {
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
        assertThat(heard).isBetween(ReportBuffer.LIMIT_BYTES - PIECE, ReportBuffer.LIMIT_BYTES + 2_000_000);
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

    /** Keeps reports, and says what it has; breaks when it is told to, once. */
    private static final class Listener extends AgentServiceGrpc.AgentServiceImplBase {
        final BlockingQueue<StreamObserver<ReportResponse>> calls = new LinkedBlockingQueue<>();
        final BlockingQueue<ReportRequest> reports = new LinkedBlockingQueue<>();
        final BlockingQueue<LeaseRef> leases = new LinkedBlockingQueue<>();
        final CompletableFuture<Boolean> completed = new CompletableFuture<>();
        final CompletableFuture<Boolean> broken = new CompletableFuture<>();
        volatile boolean paused;
        volatile boolean confirms = true;
        volatile boolean breaksAtEnd;
        /** Number of a message in its call; 0 is the question. */
        volatile int breakAt = Integer.MAX_VALUE;

        volatile boolean keepsBroken;
        volatile long received;
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
            return new Call(answer);
        }

        private final class Call implements StreamObserver<ReportRequest> {
            private final StreamObserver<ReportResponse> answer;
            private int messages;
            private boolean over = !refusal.isOk();

            Call(StreamObserver<ReportResponse> answer) {
                this.answer = answer;
            }

            @Override
            public void onNext(ReportRequest request) {
                if (over) {
                    return;
                }
                boolean breaks = messages++ == breakAt;
                if (request.hasLease()) {
                    leases.add(request.getLease());
                }
                if (request.hasProgress() && (!breaks || keepsBroken)) {
                    reports.add(request);
                    received = request.getNumber();
                }
                if (breaks) {
                    breakNow();
                } else if (confirms || !request.hasProgress()) {
                    answer.onNext(
                            ReportResponse.newBuilder().setReceived(received).build());
                }
            }

            private void breakNow() {
                over = true;
                breakAt = Integer.MAX_VALUE;
                breaksAtEnd = false;
                answer.onError(Status.UNAVAILABLE.asRuntimeException());
                broken.complete(true);
            }

            @Override
            public void onError(Throwable error) {
                // The agent gave up, or the server ends.
            }

            @Override
            public void onCompleted() {
                if (breaksAtEnd) {
                    breakNow();
                    return;
                }
                completed.complete(true);
                answer.onCompleted();
            }
        }
    }
}
