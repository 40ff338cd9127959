package dev.sheaf.agent.slice;

import dev.sheaf.v1.Progress;
import dev.sheaf.v1.VertexLog;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The reports that the coordinator has not confirmed, numbered from 1. Bounded: beyond {@link #LIMIT_BYTES} output is
 * dropped and counted; steps never are. Not thread-safe.
 */
final class ReportBuffer {
    static final long LIMIT_BYTES = 4L << 20;

    /** One report under the number that it keeps for good. */
    record Report(long number, Progress progress) {
        int bytes() {
            return progress.getSerializedSize();
        }
    }

    /** On its way, or lost with a connection: only the coordinator knows. */
    private final Deque<Report> sent = new ArrayDeque<>();

    private final Deque<Report> unsent = new ArrayDeque<>();
    private long lastNumber;
    /** Of both. */
    private long bytes;

    private long droppedLogBytes;

    /** Takes one report, in order. */
    void add(Progress progress) {
        boolean fits = bytes + progress.getSerializedSize() <= LIMIT_BYTES;
        Progress kept = fits ? progress : withoutBulk(progress);
        if (droppedLogBytes > 0 && fits) {
            kept = kept.toBuilder()
                    .setDroppedLogBytes(kept.getDroppedLogBytes() + droppedLogBytes)
                    .build();
            droppedLogBytes = 0;
        }
        if (kept.getSerializedSize() > 0) {
            append(kept);
        }
    }

    /** Nothing more is added: what was dropped and not told of becomes the last report. */
    void complete() {
        if (droppedLogBytes > 0) {
            append(Progress.newBuilder().setDroppedLogBytes(droppedLogBytes).build());
            droppedLogBytes = 0;
        }
    }

    private void append(Progress progress) {
        Report report = new Report(++lastNumber, progress);
        unsent.addLast(report);
        bytes += report.bytes();
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

    boolean hasUnsent() {
        return !unsent.isEmpty();
    }

    boolean isEmpty() {
        return unsent.isEmpty() && sent.isEmpty();
    }

    /** The next report to send, held until it is confirmed; null: there is none. */
    @Nullable Report next() {
        Report next = unsent.pollFirst();
        if (next != null) {
            sent.addLast(next);
        }
        return next;
    }

    /** The coordinator has kept all reports up to this number. */
    void confirmed(long number) {
        forget(sent, number);
        forget(unsent, number);
    }

    private void forget(Deque<Report> reports, long number) {
        while (!reports.isEmpty() && reports.getFirst().number() <= number) {
            bytes -= reports.removeFirst().bytes();
        }
    }

    /** The connection broke: what is not confirmed is sent again, unless the coordinator says that it has it. */
    void sendAgain() {
        while (!sent.isEmpty()) {
            unsent.addFirst(sent.removeLast());
        }
    }
}
