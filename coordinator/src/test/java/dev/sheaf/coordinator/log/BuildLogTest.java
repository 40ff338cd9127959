package dev.sheaf.coordinator.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.Notice;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.VertexLog;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BuildLogTest {
    private static final LogLimits SMALL = new LogLimits(10, 1000, 2);

    @TempDir
    Path directory;

    @Test
    void follow_fromTheMiddle_givesTheRestInOrder() throws Exception {
        BuildLog log = logs().log("b");
        for (int i = 0; i < 1000; i++) {
            log.append(notice("n" + i));
        }
        log.end(BuildEvent.newBuilder().setBuild(Build.getDefaultInstance()));
        List<BuildEvent> events = read(log, 700);
        assertThat(events).hasSize(301);
        assertThat(events.getFirst().getSequence()).isEqualTo(700);
        assertThat(events.getFirst().getNotice().getText()).isEqualTo("n700");
        assertThat(events.getLast().hasBuild()).isTrue();
    }

    @Test
    void append_beyondTheLimit_dropsAndCounts() throws Exception {
        BuildLog log = logs().log("b");
        log.append("linux/amd64", output(8));
        log.append("linux/amd64", output(8));
        log.append("linux/amd64", output(8));
        log.append("linux/386", output(8));
        log.end(BuildEvent.newBuilder().setBuild(Build.getDefaultInstance()));
        List<BuildEvent> events = read(log, 0);
        assertThat(events.stream()
                        .mapToLong(e -> e.getProgress().getDroppedLogBytes())
                        .sum())
                .isEqualTo(16);
        assertThat(events.stream().mapToInt(e -> e.getProgress().getLogsCount()).sum())
                .isEqualTo(2);
    }

    @Test
    void append_afterTheEnd_changesNothing() throws Exception {
        BuildLog log = logs().log("b");
        log.end(BuildEvent.newBuilder().setBuild(Build.getDefaultInstance()));
        log.append(notice("late"));
        assertThat(read(log, 0)).hasSize(1);
    }

    @Test
    void log_moreThanTheLimit_forgetsTheOldestThatEnded() throws Exception {
        BuildLogs logs = logs();
        logs.log("a");
        logs.log("b").end(BuildEvent.newBuilder());
        logs.log("c");
        assertThat(logs.find("a")).isPresent();
        assertThat(logs.find("b")).isEmpty();
    }

    private BuildLogs logs() throws Exception {
        return BuildLogs.open(directory, SMALL, () -> Instant.EPOCH);
    }

    private static BuildEvent.Builder notice(String text) {
        return BuildEvent.newBuilder().setNotice(Notice.newBuilder().setText(text));
    }

    private static Progress output(int bytes) {
        return Progress.newBuilder()
                .addLogs(VertexLog.newBuilder().setData(ByteString.copyFrom(new byte[bytes])))
                .build();
    }

    private static List<BuildEvent> read(BuildLog log, long from) throws Exception {
        List<BuildEvent> events = new ArrayList<>();
        try (LogFollower follower = log.follow(from)) {
            Optional<BuildEvent> next = follower.next(Duration.ZERO);
            while (next.isPresent()) {
                events.add(next.get());
                next = follower.next(Duration.ZERO);
            }
            assertThat(follower.isDone()).isTrue();
        }
        return events;
    }
}
