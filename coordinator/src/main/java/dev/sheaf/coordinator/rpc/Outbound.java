package dev.sheaf.coordinator.rpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The sending half of a stream, at the receiver's pace: a sender waits here until the transport takes more. Several
 * threads may send; each message goes out whole, and nothing after the end. Made inside of the service method, as
 * gRPC wants its handlers set there.
 */
final class Outbound<T> {
    /** A lost wake-up costs no more than this. */
    private static final long RECHECK_SECONDS = 1;

    private final ServerCallStreamObserver<T> observer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean ended;

    Outbound(StreamObserver<T> observer) {
        this.observer = (ServerCallStreamObserver<T>) observer;
        this.observer.setOnReadyHandler(this::wake);
        this.observer.setOnCancelHandler(this::wake);
    }

    /** Sends when the transport is ready. False: the stream has ended, or the receiver is gone. */
    boolean send(T message) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!isOver() && !observer.isReady()) {
                changed.await(RECHECK_SECONDS, TimeUnit.SECONDS);
            }
            if (isOver()) {
                return false;
            }
            observer.onNext(message);
            return true;
        } finally {
            lock.unlock();
        }
    }

    boolean isOver() {
        return ended || observer.isCancelled();
    }

    /** The stream went well. */
    void complete() {
        end(Status.OK);
    }

    /** The stream ends with this status; only the first end counts. */
    void end(Status status) {
        lock.lock();
        try {
            if (!isOver()) {
                ended = true;
                if (status.isOk()) {
                    observer.onCompleted();
                } else {
                    observer.onError(status.asException());
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** From now on inbound messages come only as they are asked for. */
    void pullInbound() {
        observer.disableAutoRequest();
    }

    /** Asks for so many more inbound messages. */
    void pull(int messages) {
        observer.request(messages);
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
