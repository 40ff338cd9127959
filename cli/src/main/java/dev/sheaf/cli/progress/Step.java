package dev.sheaf.cli.progress;

import dev.sheaf.cli.output.TerminalText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A step of one slice, as far as it is known. */
final class Step {
    private static final int KEPT_LINES = 10;
    private static final int LONGEST_LINE = 64 * 1024;

    final int number;
    final String platform;
    final String name;
    @Nullable Instant started;
    @Nullable Instant ended;
    boolean cached;
    String error = "";
    final Set<String> shownStatuses = new HashSet<>();
    private final Deque<String> lastLines = new ArrayDeque<>();
    private final LineCutter cutter = new LineCutter(LONGEST_LINE);

    Step(int number, String platform, String name) {
        this.number = number;
        this.platform = platform;
        this.name = titled(platform, TerminalText.plain(name));
    }

    /** "[2/5] RUN make" of linux/arm64 is "[linux/arm64 2/5] RUN make". */
    static String titled(String platform, String name) {
        if (name.startsWith("[" + platform + " ") || name.startsWith("[" + platform + "]")) {
            return name;
        }
        return name.startsWith("[")
                ? "[" + platform + " " + name.substring(1)
                : "[" + platform + "] " + name;
    }

    List<String> output(byte[] data) {
        return cutter.add(data);
    }

    List<String> outputEnd() {
        return cutter.end();
    }

    void remember(String line) {
        if (lastLines.size() == KEPT_LINES) {
            lastLines.removeFirst();
        }
        lastLines.addLast(line);
    }

    List<String> lastLines() {
        return List.copyOf(lastLines);
    }

    boolean isRunning() {
        return started != null && ended == null;
    }

    boolean isCancelled() {
        return error.contains("context canceled");
    }

    Duration time(Instant now) {
        if (started == null) {
            return Duration.ZERO;
        }
        return Duration.between(started, ended == null ? now : ended);
    }
}
