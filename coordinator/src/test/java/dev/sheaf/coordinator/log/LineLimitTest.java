package dev.sheaf.coordinator.log;

import static dev.sheaf.coordinator.log.LineLimit.MARK;
import static dev.sheaf.coordinator.log.LineLimit.MAX_LINE_BYTES;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.VertexLog;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LineLimitTest {
    private final LineLimit lines = new LineLimit();

    @Test
    void cut_floodWithoutNewline_keepsTheBeginningAndOneMark() {
        ByteString kept = ByteString.EMPTY;
        for (int i = 0; i < 1_000; i++) {
            kept = kept.concat(cut("x".repeat(64 * 1024)));
        }
        assertThat(kept.toStringUtf8()).isEqualTo("x".repeat(MAX_LINE_BYTES) + MARK.toStringUtf8());
        assertThat(cut("y\nnext").toStringUtf8()).isEqualTo("\nnext");
    }

    @Test
    void cut_lineOfJustTheLimit_isKeptWhole() {
        String line = "x".repeat(MAX_LINE_BYTES);
        assertThat(cut(line + "\n").toStringUtf8()).isEqualTo(line + "\n");
        assertThat(cut(line).toStringUtf8()).isEqualTo(line);
        assertThat(cut("y").toStringUtf8()).isEqualTo(MARK.toStringUtf8());
    }

    @Test
    void cut_progressBar_isNoLongLine() {
        ByteString bar = ByteString.EMPTY;
        for (int i = 0; i < 10_000; i++) {
            bar = bar.concat(cut(i + " of 10000\r"));
        }
        assertThat(bar.toStringUtf8()).endsWith("9999 of 10000\r").doesNotContain(MARK.toStringUtf8());
    }

    @Test
    void cut_anyPieces_sameResult() {
        Random random = new Random(7);
        for (int round = 0; round < 50; round++) {
            byte[] bytes = new byte[100_000];
            Arrays.fill(bytes, (byte) 'x');
            for (int i = 0; i < 8; i++) {
                bytes[random.nextInt(bytes.length)] = (byte) (random.nextBoolean() ? '\n' : '\r');
            }
            ByteString whole =
                    new LineLimit().cut(log(1, ByteString.copyFrom(bytes))).getData();
            LineLimit other = new LineLimit();
            ByteString pieces = ByteString.EMPTY;
            for (int from = 0; from < bytes.length; ) {
                int length = Math.min(bytes.length - from, 1 + random.nextInt(20_000));
                VertexLog kept = other.cut(log(1, ByteString.copyFrom(bytes, from, length)));
                if (random.nextInt(5) == 0) {
                    other.pass(log(2, kept.getData())); // of another stream
                }
                pieces = pieces.concat(kept.getData());
                from += length;
            }
            assertThat(pieces).isEqualTo(whole);
        }
    }

    @Test
    void pass_lineThatAnEarlierProcessHasCut_staysCut() {
        LineLimit before = new LineLimit();
        LineLimit after = new LineLimit();
        after.pass(before.cut(log(1, ByteString.copyFromUtf8("x".repeat(20_000)))));
        assertThat(after.cut(log(1, ByteString.copyFromUtf8("xx\ny"))).getData().toStringUtf8())
                .isEqualTo("\ny");
    }

    @Test
    void admit_longLine_spendsWhatIsKept() {
        SliceBudget budget = new SliceBudget(new LogLimits(40_000, 1_000, 1));
        VertexLog flood = log(1, ByteString.copyFromUtf8("x".repeat(60_000)));
        Progress first = budget.admit(Progress.newBuilder().addLogs(flood).build());
        assertThat(first.getLogs(0).getData().size()).isEqualTo(MAX_LINE_BYTES + MARK.size());
        Progress second = budget.admit(Progress.newBuilder().addLogs(flood).build());
        assertThat(second).isEqualTo(Progress.getDefaultInstance());
    }

    private ByteString cut(String text) {
        return lines.cut(log(1, ByteString.copyFromUtf8(text))).getData();
    }

    private static VertexLog log(int stream, ByteString data) {
        return VertexLog.newBuilder()
                .setVertex("sha256:1")
                .setStream(stream)
                .setData(data)
                .build();
    }
}
