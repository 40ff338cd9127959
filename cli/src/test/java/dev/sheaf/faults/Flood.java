package dev.sheaf.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.sheaf.v1.AgentServiceGrpc;
import dev.sheaf.v1.LeaseRef;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.ReportRequest;
import dev.sheaf.v1.ReportResponse;
import dev.sheaf.v1.VertexLog;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Output as an agent reports it, as much as the coordinator takes. */
final class Flood {
    private static final AtomicLong NUMBERS = new AtomicLong();

    private Flood() {}

    /** Sends so many megabytes of output as fast as they are taken; bytes sent. */
    static long send(ManagedChannel channel, LeaseRef lease, int megabytes) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        AtomicLong sent = new AtomicLong();
        Progress piece = Progress.newBuilder()
                .addLogs(VertexLog.newBuilder()
                        .setVertex("sha256:" + "1".repeat(64))
                        .setStream(1)
                        .setTimestamp(Timestamp.getDefaultInstance())
                        .setData(ByteString.copyFromUtf8(("x".repeat(1023) + "\n").repeat(64))))
                .build();
        AgentServiceGrpc.newStub(channel).report(new ClientResponseObserver<ReportRequest, ReportResponse>() {
            private int left = megabytes * 16;

            @Override
            public void beforeStart(ClientCallStreamObserver<ReportRequest> stream) {
                stream.setOnReadyHandler(() -> {
                    while (stream.isReady() && left > 0) {
                        stream.onNext(ReportRequest.newBuilder()
                                .setLease(lease)
                                .setNumber(NUMBERS.incrementAndGet())
                                .setProgress(piece)
                                .build());
                        sent.addAndGet(64 << 10);
                        left--;
                        if (left == 0) {
                            stream.onCompleted();
                        }
                    }
                });
            }

            @Override
            public void onNext(ReportResponse response) {
                // nothing is said
            }

            @Override
            public void onError(Throwable failure) {
                done.countDown();
            }

            @Override
            public void onCompleted() {
                done.countDown();
            }
        });
        assertThat(done.await(60, TimeUnit.SECONDS)).as("the flood ends").isTrue();
        return sent.get();
    }
}
