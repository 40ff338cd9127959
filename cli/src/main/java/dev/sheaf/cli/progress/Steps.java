package dev.sheaf.cli.progress;

import com.google.protobuf.Timestamp;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.output.Words;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.Vertex;
import dev.sheaf.v1.VertexLog;
import dev.sheaf.v1.VertexStatus;
import dev.sheaf.v1.VertexWarning;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The steps of all slices of a build, numbered in the order they start. A new attempt begins with no steps. */
final class Steps {
    private final Map<String, Map<String, Step>> byPlatform = new LinkedHashMap<>();
    private final Map<String, Integer> attempts = new LinkedHashMap<>();
    private int last;

    /** Takes an event in, and tells what is new. */
    List<StepNews> apply(BuildEvent event) {
        String platform = TerminalText.plain(event.getPlatform());
        if (event.hasSlice()) {
            int attempt = event.getSlice().getAttempt();
            Integer before = attempts.put(platform, attempt);
            if (before != null && before != 0 && before != attempt) {
                byPlatform.remove(platform);
            }
            return List.of();
        }
        return event.hasProgress() ? progress(platform, event.getProgress()) : List.of();
    }

    /** The steps of a platform, in their order. */
    List<Step> of(String platform) {
        return List.copyOf(byPlatform.getOrDefault(platform, Map.of()).values());
    }

    private List<StepNews> progress(String platform, Progress progress) {
        List<StepNews> news = new ArrayList<>();
        Map<String, Step> steps = byPlatform.computeIfAbsent(platform, _ -> new LinkedHashMap<>());
        List<Vertex> ended = new ArrayList<>();
        for (Vertex vertex : progress.getVertexesList()) {
            start(platform, steps, vertex, news);
            if (vertex.hasCompleted()
                    || vertex.getCached()
                    || !vertex.getError().isEmpty()) {
                ended.add(vertex);
            }
        }
        for (VertexStatus status : progress.getStatusesList()) {
            status(steps.get(status.getVertex()), status, news);
        }
        for (VertexLog log : progress.getLogsList()) {
            Step step = steps.get(log.getVertex());
            if (step != null) {
                lines(step, step.output(log.getData().toByteArray()), log.getTimestamp(), news);
            }
        }
        for (VertexWarning warning : progress.getWarningsList()) {
            warning(steps.get(warning.getVertex()), warning, news);
        }
        ended.forEach(vertex -> end(steps.get(vertex.getDigest()), vertex, news));
        return news;
    }

    private void start(String platform, Map<String, Step> steps, Vertex vertex, List<StepNews> news) {
        Step step = steps.get(vertex.getDigest());
        boolean begun =
                vertex.hasStarted() || vertex.getCached() || !vertex.getError().isEmpty();
        if (step == null) {
            if (!begun) {
                return;
            }
            last++;
            step = new Step(last, platform, vertex.getName());
            steps.put(vertex.getDigest(), step);
            news.add(new StepNews.Started(step));
        }
        if (!vertex.hasStarted()) {
            return;
        }
        Instant started = Words.instant(vertex.getStarted());
        if (step.isBegunAgain(started)) {
            step.started = started;
            step.ended = null;
            news.add(new StepNews.Started(step));
        } else if (step.started == null) {
            step.started = started;
        }
    }

    private static void lines(Step step, List<String> lines, Timestamp time, List<StepNews> news) {
        Duration since = step.time(Words.instant(time));
        for (String line : lines) {
            String text = String.format(Locale.ROOT, "%.3f %s", Math.max(0, since.toMillis()) / 1000.0, line);
            step.remember(text);
            news.add(new StepNews.Line(step, text));
        }
    }

    private static void status(@Nullable Step step, VertexStatus status, List<StepNews> news) {
        if (step == null) {
            return;
        }
        String text = text(status);
        step.current(status.getId(), status.hasCompleted() ? "" : text);
        if (status.hasCompleted() && step.shownStatuses.add(status.getId())) {
            news.add(new StepNews.Line(step, text + " done"));
        }
    }

    private static String text(VertexStatus status) {
        String name = TerminalText.plain(status.getName().isEmpty() ? status.getId() : status.getName());
        StringBuilder text = new StringBuilder(name);
        if (status.getTotal() > 0) {
            text.append(' ').append(Words.bytes(status.getCurrent()));
            text.append(" / ").append(Words.bytes(status.getTotal()));
        } else if (status.getCurrent() > 0) {
            text.append(' ').append(Words.bytes(status.getCurrent()));
        }
        if (status.hasStarted() && status.hasCompleted()) {
            Instant started = Words.instant(status.getStarted());
            text.append(' ').append(Words.of(Duration.between(started, Words.instant(status.getCompleted()))));
        }
        return text.toString();
    }

    private static void warning(@Nullable Step step, VertexWarning warning, List<StepNews> news) {
        if (step == null) {
            return;
        }
        String where = warning.getLine() > 0 ? " (line " + warning.getLine() + ")" : "";
        news.add(new StepNews.Line(step, "WARN: " + TerminalText.plain(warning.getSummary()) + where));
    }

    private static void end(@Nullable Step step, Vertex vertex, List<StepNews> news) {
        if (step == null || (step.ended != null && step.error.equals(vertex.getError()))) {
            return;
        }
        Timestamp time = vertex.hasCompleted() ? vertex.getCompleted() : vertex.getStarted();
        lines(step, step.outputEnd(), time, news);
        step.ended = Words.instant(time);
        step.cached = vertex.getCached();
        step.error = TerminalText.plain(vertex.getError().lines().findFirst().orElse(""));
        news.add(new StepNews.Ended(step));
    }
}
