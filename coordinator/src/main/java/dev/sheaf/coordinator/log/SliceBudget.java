package dev.sheaf.coordinator.log;

import dev.sheaf.v1.Progress;
import dev.sheaf.v1.VertexLog;
import java.util.ArrayList;
import java.util.List;

/** What is left of the limits of one slice. Not thread-safe: its log guards it. */
final class SliceBudget {
    /** A flood that is dropped is told of once for so many bytes, so that the telling stays small too. */
    private static final long TELL_EVERY_BYTES = 1024L * 1024;

    private final LineLimit lines = new LineLimit();
    private long outputLeft;
    private long progressLeft;
    private long untoldBytes;
    private boolean told;

    SliceBudget(LogLimits limits) {
        outputLeft = limits.outputBytes();
        progressLeft = limits.progressBytes();
    }

    /** This was kept by an earlier process. */
    void spend(Progress progress) {
        for (VertexLog log : progress.getLogsList()) {
            lines.pass(log);
            outputLeft = Math.max(0, outputLeft - log.getData().size());
        }
        int rest =
                progress.toBuilder().clearLogs().clearDroppedLogBytes().build().getSerializedSize();
        progressLeft = Math.max(0, progressLeft - rest);
        if (progress.getDroppedLogBytes() > 0) {
            outputLeft = 0;
            told = true;
        }
    }

    /** What of this may be kept; the default instance: nothing. */
    Progress admit(Progress progress) {
        List<VertexLog> kept = new ArrayList<>();
        long dropped = progress.getDroppedLogBytes();
        for (VertexLog whole : progress.getLogsList()) {
            VertexLog log = lines.cut(whole);
            int size = log.getData().size();
            if (size <= outputLeft) {
                outputLeft -= size;
                if (size > 0 || whole.getData().isEmpty()) {
                    kept.add(log);
                }
            } else {
                // Once something was dropped, all that follows is: output with holes misleads.
                outputLeft = 0;
                dropped += size;
            }
        }
        Progress.Builder rest = progress.toBuilder().clearLogs().clearDroppedLogBytes();
        int restBytes = rest.build().getSerializedSize();
        if (restBytes <= progressLeft) {
            progressLeft -= restBytes;
        } else {
            progressLeft = 0;
            rest.clear();
        }
        untoldBytes += dropped;
        return rest.addAllLogs(kept).setDroppedLogBytes(tell()).build();
    }

    /** Bytes dropped that no event tells of yet. */
    long takeUntold() {
        long bytes = untoldBytes;
        untoldBytes = 0;
        return bytes;
    }

    private long tell() {
        if (untoldBytes == 0 || (told && untoldBytes < TELL_EVERY_BYTES)) {
            return 0;
        }
        told = true;
        return takeUntold();
    }
}
