package dev.sheaf.cli.progress;

import dev.sheaf.cli.output.TerminalText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A step of one slice, as far as it is known. */
final class Step {
    private static final int KEPT_LINES = 10;
    private static final int LONGEST_LINE = 64 * 1024;
    private static final int KEPT_CURRENT = 50;

    final int number;
    final String platform;
    final String name;

    @Nullable Instant started;

    @Nullable Instant ended;

    boolean cached;
    String error = "";
    final Set<String> shownStatuses = new HashSet<>();
    private final Map<String, String> current = new LinkedHashMap<>();
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
        return name.startsWith("[") ? "[" + platform + " " + name.substring(1) : "[" + platform + "] " + name;
    }

    /** The bracket that the name starts with: "[linux/arm64 2/5]". */
    String place() {
        int end = name.indexOf(']');
        return end < 0 ? "[" + platform + "]" : name.substring(0, end + 1);
    }

    /** The name where the platform is known: "[2/5] RUN make". */
    String shortName() {
        String rest = name.substring(Math.min(name.length(), platform.length() + 1));
        return rest.startsWith("] ") ? rest.substring(2) : rest.startsWith(" ") ? "[" + rest.substring(1) : name;
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

    /** Where something within the step has come, such as the push of a layer; empty text: it is over. */
    void current(String id, String text) {
        if (text.isEmpty()) {
            current.remove(id);
        } else if (current.size() < KEPT_CURRENT || current.containsKey(id)) {
            current.put(id, text);
        }
    }

    List<String> current() {
        return List.copyOf(current.values());
    }

    /** BuildKit ends some steps and goes on with them, such as the transfer of the context. */
    boolean isBegunAgain(Instant start) {
        return ended != null && start.isAfter(ended);
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
