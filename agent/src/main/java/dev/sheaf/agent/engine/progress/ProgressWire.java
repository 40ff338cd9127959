package dev.sheaf.agent.engine.progress;

import com.google.protobuf.ByteString;
import dev.sheaf.buildkit.control.StatusResponse;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.Vertex;
import dev.sheaf.v1.VertexLog;
import dev.sheaf.v1.VertexStatus;
import dev.sheaf.v1.VertexWarning;
import java.util.ArrayList;
import java.util.List;

/** Says BuildKit's reports in the farm's words. */
public final class ProgressWire {

    private static final int MAX_LOG_BYTES = 64 * 1024;

    private ProgressWire() {}

    /** One report, in pieces of which none holds more than one full log message. */
    public static List<Progress> of(StatusResponse report) {
        List<Progress> pieces = new ArrayList<>();
        Progress.Builder piece = Progress.newBuilder();
        report.getVertexesList().forEach(vertex -> piece.addVertexes(vertex(vertex)));
        report.getStatusesList().forEach(status -> piece.addStatuses(status(status)));
        report.getWarningsList().forEach(warning -> piece.addWarnings(warning(warning)));
        int bytes = 0;
        for (dev.sheaf.buildkit.control.VertexLog log : report.getLogsList()) {
            ByteString data = log.getMsg();
            for (int start = 0; start < data.size(); start += MAX_LOG_BYTES) {
                ByteString part = data.substring(start, Math.min(data.size(), start + MAX_LOG_BYTES));
                if (bytes + part.size() > MAX_LOG_BYTES) {
                    pieces.add(piece.build());
                    piece.clear();
                    bytes = 0;
                }
                bytes += part.size();
                piece.addLogs(VertexLog.newBuilder()
                        .setVertex(log.getVertex())
                        .setTimestamp(log.getTimestamp())
                        .setStream((int) log.getStream())
                        .setData(part));
            }
        }
        Progress last = piece.build();
        if (last.getSerializedSize() > 0) {
            pieces.add(last);
        }
        return pieces;
    }

    private static Vertex vertex(dev.sheaf.buildkit.control.Vertex vertex) {
        Vertex.Builder wire = Vertex.newBuilder()
                .setDigest(vertex.getDigest())
                .addAllInputs(vertex.getInputsList())
                .setName(vertex.getName())
                .setCached(vertex.getCached())
                .setError(vertex.getError());
        if (vertex.hasStarted()) {
            wire.setStarted(vertex.getStarted());
        }
        if (vertex.hasCompleted()) {
            wire.setCompleted(vertex.getCompleted());
        }
        return wire.build();
    }

    private static VertexStatus status(dev.sheaf.buildkit.control.VertexStatus status) {
        VertexStatus.Builder wire = VertexStatus.newBuilder()
                .setId(status.getID())
                .setVertex(status.getVertex())
                .setName(status.getName())
                .setCurrent(status.getCurrent())
                .setTotal(status.getTotal())
                .setTimestamp(status.getTimestamp());
        if (status.hasStarted()) {
            wire.setStarted(status.getStarted());
        }
        if (status.hasCompleted()) {
            wire.setCompleted(status.getCompleted());
        }
        return wire.build();
    }

    private static VertexWarning warning(dev.sheaf.buildkit.control.VertexWarning warning) {
        VertexWarning.Builder wire = VertexWarning.newBuilder()
                .setVertex(warning.getVertex())
                .setLevel((int) warning.getLevel())
                .setSummary(warning.getShort().toStringUtf8())
                .setUrl(warning.getUrl())
                .setFile(warning.getInfo().getFilename());
        warning.getDetailList().forEach(detail -> wire.addDetails(detail.toStringUtf8()));
        if (warning.getRangesCount() > 0) {
            wire.setLine(warning.getRanges(0).getStart().getLine());
        }
        return wire.build();
    }
}
