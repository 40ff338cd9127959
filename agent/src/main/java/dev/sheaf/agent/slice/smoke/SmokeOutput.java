package dev.sheaf.agent.slice.smoke;

import com.google.protobuf.ByteString;
import dev.sheaf.agent.engine.SolveListener;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.Vertex;
import dev.sheaf.v1.VertexLog;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Passes on what the one step of a smoke test reports, under a name that users know, and keeps the end of its output. */
final class SmokeOutput implements SolveListener {
    /** All that is printed then; programs print more, or other things. */
    private static final Pattern REFUSED = Pattern.compile(
            "[^\\n]*(?:unable to start container process|starting container process caused): ([^\\n]*)");

    private static final int TAIL_BYTES = 4096;
    private static final int TAIL_LINES = 5;
    private static final int LINE_CHARACTERS = 200;

    private final String name;
    private final SolveListener next;
    private final Runnable started;
    private String step = "";
    private ByteString tail = ByteString.EMPTY;
    private boolean hasStarted;

    /**
     * Passes on to this listener.
     *
     * @param name of the step, for users
     * @param started runs when the command is started
     */
    SmokeOutput(String name, SolveListener next, Runnable started) {
        this.name = name;
        this.next = next;
        this.started = started;
    }

    @Override
    public synchronized void progress(Progress progress) {
        Progress.Builder own = Progress.newBuilder().setDroppedLogBytes(progress.getDroppedLogBytes());
        for (Vertex vertex : progress.getVertexesList()) {
            if (vertex.getName().contains(SmokeStep.NAME)) {
                step = vertex.getDigest();
                own.addVertexes(vertex.toBuilder().setName(name).clearInputs());
                if (vertex.hasStarted() && !hasStarted) {
                    hasStarted = true;
                    started.run();
                }
            }
        }
        for (VertexLog log : progress.getLogsList()) {
            if (log.getVertex().equals(step)) {
                own.addLogs(log);
                remember(log.getData());
            }
        }
        if (own.getVertexesCount() > 0 || own.getLogsCount() > 0) {
            next.progress(own.build());
        }
    }

    private void remember(ByteString data) {
        ByteString all = tail.concat(data);
        tail = all.size() <= TAIL_BYTES ? all : all.substring(all.size() - TAIL_BYTES);
    }

    /** Whether the command was started, as far as the engine has said. */
    synchronized boolean hasStarted() {
        return hasStarted;
    }

    /** What the engine printed in the command's place because it could not start it, in the kernel's words. */
    synchronized Optional<String> refusal() {
        Matcher refused = REFUSED.matcher(tail.toStringUtf8().strip());
        return refused.matches() ? Optional.of(refused.group(1)) : Optional.empty();
    }

    /** The last lines of the output, each in quotes. Empty: it printed nothing. */
    synchronized String lastLines() {
        List<String> lines = tail.toStringUtf8()
                .lines()
                .map(line -> line.replaceAll("\\p{Cntrl}+", " ").strip())
                .filter(line -> !line.isEmpty())
                .toList();
        return lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()).stream()
                .map(line -> line.length() <= LINE_CHARACTERS ? line : line.substring(0, LINE_CHARACTERS) + "...")
                .map(line -> "\"" + line + "\"")
                .collect(Collectors.joining(" "));
    }
}
