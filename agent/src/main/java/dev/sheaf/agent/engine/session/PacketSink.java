package dev.sheaf.agent.engine.session;

import dev.sheaf.buildkit.fsutil.Packet;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The engine's end of a transfer: takes packets of several threads, and makes them wait for a slow engine. */
final class PacketSink {

    private final ServerCallStreamObserver<Packet> engine;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ready = lock.newCondition();
    private boolean closed;

    PacketSink(ServerCallStreamObserver<Packet> engine) {
        this.engine = engine;
        engine.setOnReadyHandler(this::wake);
    }

    /** Sends when the engine has room; drops the packet if the transfer has ended. */
    void send(Packet packet) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && !engine.isReady()) {
                ready.await();
            }
            if (!closed) {
                engine.onNext(packet);
            }
        } finally {
            lock.unlock();
        }
    }

    void complete() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                engine.onCompleted();
            }
            ready.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void fail(Status status) {
        lock.lock();
        try {
            if (!closed && !engine.isCancelled()) {
                engine.onError(status.asRuntimeException());
            }
            closed = true;
            ready.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void wake() {
        lock.lock();
        try {
            ready.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
