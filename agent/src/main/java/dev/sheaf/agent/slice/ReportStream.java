package dev.sheaf.agent.slice;

import dev.sheaf.v1.AgentServiceGrpc.AgentServiceStub;
import dev.sheaf.v1.LeaseRef;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.ReportRequest;
import dev.sheaf.v1.VertexLog;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Carries one attempt's progress to the coordinator. Adding never blocks: beyond {@link #BUFFER_BYTES} output is dropped
 * and counted, so that a flood of it slows neither the build nor anything else. Steps are never dropped.
 */
public final class ReportStream implements AutoCloseable {
    static final long BUFFER_BYTES = 4L << 20;

    /** The last lines of a build are worth this much waiting. */
    private static final Duration CLOSE_TIME = Duration.ofSeconds(5);

    private static final Duration REOPEN_PAUSE = Duration.ofSeconds(1);

    private final AgentServiceStub coordinator;
    private final LeaseRef lease;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Progress> waiting = new ArrayDeque<>();
    private final Thread pump;
    private long waitingBytes;
    private long droppedLogBytes;
    private boolean closing;

    public ReportStream(AgentServiceStub coordinator, LeaseRef lease) {
        this.coordinator = coordinator;
        this.lease = lease;
        this.pump = Thread.ofVirtual().name("report-" + lease.getFence()).unstarted(this::pump);
        pump.start();
    }

    /** Takes one report, in order. */
    public void add(Progress progress) {
        lock.lock();
        try {
            boolean fits = waitingBytes + progress.getSerializedSize() <= BUFFER_BYTES;
            Progress kept = fits ? progress : withoutBulk(progress);
            if (droppedLogBytes > 0 && fits) {
                kept = kept.toBuilder()
                        .setDroppedLogBytes(kept.getDroppedLogBytes() + droppedLogBytes)
                        .build();
                droppedLogBytes = 0;
            }
            if (kept.getSerializedSize() > 0) {
                waiting.addLast(kept);
                waitingBytes += kept.getSerializedSize();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Sends what waits, within a few seconds, and ends the stream. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            if (droppedLogBytes > 0) {
                waiting.addLast(Progress.newBuilder()
                        .setDroppedLogBytes(droppedLogBytes)
                        .build());
                droppedLogBytes = 0;
            }
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

    private Progress withoutBulk(Progress progress) {
        for (VertexLog log : progress.getLogsList()) {
            droppedLogBytes += log.getData().size();
        }
        droppedLogBytes += progress.getDroppedLogBytes();
        return progress.toBuilder()
                .clearLogs()
                .clearStatuses()
                .clearDroppedLogBytes()
                .build();
    }

    private void pump() {
        try {
            while (true) {
                ReportCall call = new ReportCall(coordinator);
                if (forward(call)) {
                    return;
                }
                pause();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** True when nothing is left to do; false when the connection broke. */
    private boolean forward(ReportCall call) throws InterruptedException {
        try {
            boolean first = true;
            while (true) {
                Progress next = next();
                if (next == null) {
                    return first || call.finish();
                }
                if (!call.awaitReady()) {
                    putBack(next);
                    return call.refused();
                }
                ReportRequest.Builder request = ReportRequest.newBuilder().setProgress(next);
                if (first) {
                    request.setLease(lease);
                }
                call.send(request.build());
                first = false;
            }
        } finally {
            call.cancel();
        }
    }

    private void putBack(Progress progress) {
        lock.lock();
        try {
            waiting.addFirst(progress);
            waitingBytes += progress.getSerializedSize();
        } finally {
            lock.unlock();
        }
    }

    /** The next report; null when the stream is closing and empty. */
    private @org.jspecify.annotations.Nullable Progress next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (waiting.isEmpty() && !closing) {
                changed.await();
            }
            Progress next = waiting.pollFirst();
            if (next != null) {
                waitingBytes -= next.getSerializedSize();
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    private void pause() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long nanos = REOPEN_PAUSE.toNanos();
            while (nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }
}
