package dev.sheaf.coordinator.log;

import com.google.protobuf.ByteString;
import dev.sheaf.v1.VertexLog;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * Cuts lines of output that are longer than anybody reads, whatever pieces they come in: of each, the beginning is kept,
 * and a mark. A carriage return begins a line too: progress bars write one state over the other. Not thread-safe: its
 * log guards it.
 */
final class LineLimit {
    /** Bytes of a line that are kept. */
    static final int MAX_LINE_BYTES = 16 * 1024;

    /** In place of what was cut off. */
    static final ByteString MARK = ByteString.copyFrom(
            " [... cut: a line is kept up to " + MAX_LINE_BYTES / 1024 + " KiB]", StandardCharsets.UTF_8);

    /** Lines at a time that have not ended; of the one that was open longest, the length is forgotten. */
    private static final int MOST_OPEN_LINES = 1_000;

    private static final int CUT = MAX_LINE_BYTES + 1;

    /** Where the output of a step is: bytes since its line began; {@link #CUT}: its line is cut. */
    private final SequencedMap<Stream, Integer> columns = new LinkedHashMap<>(16, 0.75f, true);

    private record Stream(String vertex, int number) {}

    /** What of this is kept. */
    VertexLog cut(VertexLog log) {
        ByteString data = log.getData();
        ByteString kept = ByteString.EMPTY;
        int column = column(log);
        int from = 0;
        while (from < data.size()) {
            int end = lineEnd(data, from);
            boolean isEnded = end < data.size();
            int room = MAX_LINE_BYTES - column;
            if (end - from <= room) {
                kept = kept.concat(data.substring(from, isEnded ? end + 1 : end));
                column += end - from;
            } else {
                ByteString begun = room > 0 ? data.substring(from, from + room) : ByteString.EMPTY;
                kept = kept.concat(begun).concat(column < CUT ? MARK : ByteString.EMPTY);
                kept = isEnded ? kept.concat(data.substring(end, end + 1)) : kept;
                column = CUT;
            }
            column = isEnded ? 0 : column;
            from = end + 1;
        }
        remember(log, column);
        return kept.size() == data.size() ? log : log.toBuilder().setData(kept).build();
    }

    /** This was kept by an earlier process. */
    void pass(VertexLog log) {
        ByteString data = log.getData();
        int begin = data.size();
        while (begin > 0 && !isEnd(data.byteAt(begin - 1))) {
            begin--;
        }
        int length = data.size() - begin;
        remember(log, Math.min(begin > 0 ? length : column(log) + length, CUT));
    }

    private int column(VertexLog log) {
        return columns.getOrDefault(stream(log), 0);
    }

    private void remember(VertexLog log, int column) {
        if (column == 0) {
            columns.remove(stream(log));
            return;
        }
        columns.put(stream(log), column);
        if (columns.size() > MOST_OPEN_LINES) {
            columns.pollFirstEntry();
        }
    }

    private static Stream stream(VertexLog log) {
        return new Stream(log.getVertex(), log.getStream());
    }

    /** Place of the byte that ends the line; the size: none does. */
    private static int lineEnd(ByteString data, int from) {
        int end = from;
        while (end < data.size() && !isEnd(data.byteAt(end))) {
            end++;
        }
        return end;
    }

    private static boolean isEnd(byte b) {
        return b == '\n' || b == '\r';
    }
}
