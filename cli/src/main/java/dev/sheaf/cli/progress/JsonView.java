package dev.sheaf.cli.progress;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Timestamp;
import dev.sheaf.cli.output.Words;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.Progress;
import java.io.PrintStream;
import java.util.List;

/**
 * One JSON object a line, in the shape of BuildKit's SolveStatus, as buildx prints it; what Sheaf knows beyond that
 * is under "sheaf". JSON escapes control characters, so nothing is filtered here.
 */
final class JsonView implements ProgressView {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final PrintStream err;

    JsonView(PrintStream err) {
        this.err = err;
    }

    @Override
    public void show(BuildEvent event, List<StepNews> news) {
        ObjectNode line = NODES.objectNode();
        ObjectNode sheaf = NODES.objectNode();
        if (!event.getPlatform().isEmpty()) {
            sheaf.put("platform", event.getPlatform());
        }
        switch (event.getEventCase()) {
            case PROGRESS -> progress(event.getPlatform(), event.getProgress(), line);
            case SLICE -> {
                sheaf.put("stage", Words.of(event.getSlice().getStage()));
                sheaf.put("attempt", event.getSlice().getAttempt());
                sheaf.put("agent", event.getSlice().getAgent());
                if (!event.getSlice().getWaitingFor().isEmpty()) {
                    sheaf.put("waitingFor", event.getSlice().getWaitingFor());
                }
            }
            case NOTICE -> sheaf.put("notice", event.getNotice().getText());
            case BUILD -> {
                sheaf.put("build", event.getBuild().getId());
                sheaf.put("state", Words.of(event.getBuild().getState()));
            }
            case EVENT_NOT_SET -> {
                return;
            }
        }
        if (!sheaf.isEmpty()) {
            line.set("sheaf", sheaf);
        }
        err.println(line);
        err.flush();
    }

    private static void progress(String platform, Progress progress, ObjectNode line) {
        if (progress.getVertexesCount() > 0) {
            vertexes(platform, progress, line.putArray("vertexes"));
        }
        if (progress.getStatusesCount() > 0) {
            statuses(progress, line.putArray("statuses"));
        }
        if (progress.getLogsCount() > 0) {
            ArrayNode logs = line.putArray("logs");
            progress.getLogsList().forEach(log -> {
                ObjectNode node = logs.addObject();
                node.put("vertex", log.getVertex());
                node.put("stream", log.getStream());
                node.put("data", log.getData().toByteArray());
                time(node, "timestamp", log.getTimestamp());
            });
        }
        if (progress.getWarningsCount() > 0) {
            ArrayNode warnings = line.putArray("warnings");
            progress.getWarningsList().forEach(warning -> {
                ObjectNode node = warnings.addObject();
                node.put("vertex", warning.getVertex());
                node.put("level", warning.getLevel());
                node.put("short", warning.getSummary().getBytes(java.nio.charset.StandardCharsets.UTF_8));
                node.put("url", warning.getUrl());
            });
        }
    }

    private static void vertexes(String platform, Progress progress, ArrayNode vertexes) {
        progress.getVertexesList().forEach(vertex -> {
            ObjectNode node = vertexes.addObject();
            node.put("digest", vertex.getDigest());
            if (vertex.getInputsCount() > 0) {
                ArrayNode inputs = node.putArray("inputs");
                vertex.getInputsList().forEach(inputs::add);
            }
            node.put("name", Step.titled(platform, vertex.getName()));
            if (vertex.hasStarted()) {
                time(node, "started", vertex.getStarted());
            }
            if (vertex.hasCompleted()) {
                time(node, "completed", vertex.getCompleted());
            }
            if (vertex.getCached()) {
                node.put("cached", true);
            }
            if (!vertex.getError().isEmpty()) {
                node.put("error", vertex.getError());
            }
        });
    }

    private static void statuses(Progress progress, ArrayNode statuses) {
        progress.getStatusesList().forEach(status -> {
            ObjectNode node = statuses.addObject();
            node.put("id", status.getId());
            node.put("vertex", status.getVertex());
            node.put("name", status.getName());
            if (status.getTotal() != 0) {
                node.put("total", status.getTotal());
            }
            node.put("current", status.getCurrent());
            time(node, "timestamp", status.getTimestamp());
            if (status.hasStarted()) {
                time(node, "started", status.getStarted());
            }
            if (status.hasCompleted()) {
                time(node, "completed", status.getCompleted());
            }
        });
    }

    private static void time(ObjectNode node, String name, Timestamp time) {
        node.put(name, Words.instant(time).toString());
    }

    @Override
    public void note(String line) {
        ObjectNode node = NODES.objectNode();
        node.putObject("sheaf").put("notice", line);
        err.println(node);
        err.flush();
    }

    @Override
    public void close() {
        err.flush();
    }
}
