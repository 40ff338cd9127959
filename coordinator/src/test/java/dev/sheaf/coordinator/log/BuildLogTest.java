package dev.sheaf.coordinator.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.Notice;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.VertexLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
        log.append("linux/amd64", 1, 0, output(8));
        log.append("linux/amd64", 1, 0, output(8));
        log.append("linux/amd64", 1, 0, output(8));
        log.append("linux/386", 1, 0, output(8));
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
        assertThat(directory.resolve("a.log")).exists();
        assertThat(directory.resolve("b.log")).doesNotExist();
    }

    @Test
    void append_reportReceivedBefore_isDropped() throws Exception {
        BuildLog log = logs().log("b");
        assertThat(log.append("linux/amd64", 7, 1, output(1))).isEqualTo(1);
        assertThat(log.append("linux/amd64", 7, 2, output(1))).isEqualTo(2);
        assertThat(log.append("linux/amd64", 7, 1, output(1))).isEqualTo(2);
        assertThat(log.append("linux/amd64", 8, 1, output(1))).isEqualTo(1);
        log.end(BuildEvent.newBuilder().setBuild(Build.getDefaultInstance()));
        assertThat(read(log, 0)).hasSize(4);
    }

    @Test
    void open_logOfAKilledProcess_goesOnBehindItsLastWholeEvent() throws Exception {
        BuildLog before = logs().log("b");
        for (int i = 0; i < 600; i++) {
            before.append(notice("n" + i));
        }
        before.append("linux/amd64", 7, 3, output(8));
        Path file = directory.resolve("b.log");
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, new byte[] {100, 1, 2, 3}, StandardOpenOption.APPEND); // of a hundred bytes, three
        BuildLog after = log();
        assertThat(Files.readAllBytes(file)).isEqualTo(whole);
        assertThat(after.received(7)).isEqualTo(3);
        after.append("linux/amd64", 7, 4, output(8));
        after.end(BuildEvent.newBuilder().setBuild(Build.newBuilder().setState(BuildState.BUILD_STATE_SUCCEEDED)));
        List<BuildEvent> events = read(after, 598);
        assertThat(events.stream().map(BuildEvent::getSequence)).containsExactly(598L, 599L, 600L, 601L, 602L);
        assertThat(events.get(3).getProgress().getDroppedLogBytes()).isEqualTo(8);
        assertThat(log().isEnded()).isTrue();
    }

    /** As a process sees it that begins now. */
    private BuildLog log() throws Exception {
        return logs().log("b");
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
