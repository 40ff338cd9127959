package dev.sheaf.agent.slice;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sheaf.v1.AgentServiceGrpc.AgentServiceStub;
import dev.sheaf.v1.LeaseRef;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.ReportRequest;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Carries one attempt's progress to the coordinator. Adding never blocks: beyond {@link ReportBuffer#LIMIT_BYTES} output
 * is dropped and counted, so that a flood of it slows neither the build nor anything else. Reports are kept until they
 * are confirmed: over a broken connection none is lost and none comes twice.
 */
public final class ReportStream implements AutoCloseable {
    /**
     * The last lines of a build are worth this much waiting: a coordinator that is started anew is back by then. One
     * that stays away longer ends the lease, and with it the attempt.
     */
    private static final Duration CLOSE_TIME = Duration.ofSeconds(20);

    private static final Duration REOPEN_PAUSE = Duration.ofSeconds(1);

    private final AgentServiceStub coordinator;
    private final LeaseRef lease;
    private final Duration reopenPause;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread pump;
    private final ReportCall.Owner owner = new Owner();

    @GuardedBy("lock") private final ReportBuffer buffer = new ReportBuffer();

    @GuardedBy("lock") private boolean closing;

    public ReportStream(AgentServiceStub coordinator, LeaseRef lease) {
        this(coordinator, lease, REOPEN_PAUSE);
    }

    ReportStream(AgentServiceStub coordinator, LeaseRef lease, Duration reopenPause) {
        this.coordinator = coordinator;
        this.lease = lease;
        this.reopenPause = reopenPause;
        this.pump = Thread.ofVirtual().name("report-" + lease.getFence()).unstarted(this::pump);
        pump.start();
    }

    /** Takes one report, in order. */
    public void add(Progress progress) {
        lock.lock();
        try {
            buffer.add(progress);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Sends what waits, within a while, and ends the stream. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            buffer.complete();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            if (!pump.join(CLOSE_TIME)) {
                pump.interrupt();
            }
        } catch (InterruptedException e) {
            // The attempt was stopped: nobody waits for its last lines.
            pump.interrupt();
            Thread.currentThread().interrupt();
        }
    }

    private void pump() {
        try {
            while (awaitReports()) {
                if (forward()) {
                    return;
                }
                pause();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** False: the stream is closing, and nothing is left to do. */
    private boolean awaitReports() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (buffer.isEmpty() && !closing) {
                changed.await();
            }
            return !buffer.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** One call, from asking what was received to its end. True: there is no use in another one. */
    private boolean forward() throws InterruptedException {
        ReportCall call = new ReportCall(coordinator, owner);
        try {
            call.send(ReportRequest.newBuilder().setLease(lease).build());
            for (var next = next(call); next != null; next = next(call)) {
                call.send(ReportRequest.newBuilder()
                        .setNumber(next.number())
                        .setProgress(next.progress())
                        .build());
            }
            if (!call.isOver()) {
                call.complete();
                awaitEnd(call);
            }
            return call.isFinal();
        } finally {
            call.cancel();
            sendAgain();
        }
    }

    /** The next report, when there is room for it; null: the call has ended, or the stream is closing and empty. */
    private ReportBuffer.@Nullable Report next(ReportCall call) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!call.isOver()) {
                if (call.isAnswered() && !buffer.hasUnsent() && closing) {
                    return null;
                }
                if (call.isAnswered() && buffer.hasUnsent() && call.hasRoom()) {
                    return buffer.next();
                }
                changed.await();
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void awaitEnd(ReportCall call) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!call.isOver()) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private void sendAgain() {
        lock.lock();
        try {
            buffer.sendAgain();
        } finally {
            lock.unlock();
        }
    }

    private void pause() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long nanos = reopenPause.toNanos();
            while (nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Hears of the call on gRPC's threads. */
    private final class Owner implements ReportCall.Owner {
        @Override
        public void confirmed(long number) {
            lock.lock();
            try {
                buffer.confirmed(number);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void changed() {
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
