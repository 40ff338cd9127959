package dev.sheaf.agent.slice;

import dev.sheaf.v1.AgentServiceGrpc.AgentServiceStub;
import dev.sheaf.v1.ReportRequest;
import dev.sheaf.v1.ReportResponse;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One Report call, as a blocking object: waits while the connection is full. */
final class ReportCall {
    /** Answers after which there is no use in calling again: the lease is over. */
    private static final Set<Status.Code> FINAL = Set.of(
            Status.Code.OK, Status.Code.FAILED_PRECONDITION, Status.Code.NOT_FOUND, Status.Code.INVALID_ARGUMENT);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ClientCallStreamObserver<ReportRequest> requests;
    private @Nullable Status ended;

    ReportCall(AgentServiceStub coordinator) {
        this.requests = (ClientCallStreamObserver<ReportRequest>) coordinator.report(new Answer());
    }

    /** True when a message can be sent; false when the call has ended. */
    boolean awaitReady() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (ended == null && !requests.isReady()) {
                changed.await();
            }
            return ended == null;
        } finally {
            lock.unlock();
        }
    }

    void send(ReportRequest request) {
        requests.onNext(request);
    }

    /** Says that this was all, and waits until the coordinator has taken it. True: no use in calling again. */
    boolean finish() throws InterruptedException {
        if (awaitReady()) {
            requests.onCompleted();
        }
        lock.lockInterruptibly();
        try {
            while (ended == null) {
                changed.await();
            }
            // The coordinator may have missed the last messages; they are gone from here as well.
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the coordinator does not want to hear of this lease again. */
    boolean refused() {
        lock.lock();
        try {
            return ended != null && FINAL.contains(ended.getCode());
        } finally {
            lock.unlock();
        }
    }

    void cancel() {
        lock.lock();
        try {
            if (ended != null) {
                return;
            }
        } finally {
            lock.unlock();
        }
        requests.cancel("the attempt is over", null);
    }

    private void end(Status status) {
        lock.lock();
        try {
            ended = status;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private final class Answer implements ClientResponseObserver<ReportRequest, ReportResponse> {
        @Override
        public void beforeStart(ClientCallStreamObserver<ReportRequest> stream) {
            stream.setOnReadyHandler(() -> {
                lock.lock();
                try {
                    changed.signalAll();
                } finally {
                    lock.unlock();
                }
            });
        }

        @Override
        public void onNext(ReportResponse response) {
            // Empty by contract.
        }

        @Override
        public void onError(Throwable error) {
            end(Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            end(Status.OK);
        }
    }
}
