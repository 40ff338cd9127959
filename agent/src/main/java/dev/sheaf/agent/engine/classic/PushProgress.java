package dev.sheaf.agent.engine.classic;

import com.github.dockerjava.api.model.PushResponseItem;
import com.github.dockerjava.api.model.ResponseItem.ProgressDetail;
import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.sheaf.image.Digest;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.Vertex;
import dev.sheaf.v1.VertexLog;
import dev.sheaf.v1.VertexStatus;
import dev.sheaf.v1.VertexWarning;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** A step of the build that no BuildKit reports, told as one of its own. */
final class PushProgress {

    private static final int STDERR = 2;

    /** Said of a layer that needs no more bytes. */
    private static final Set<String> DONE = Set.of("Pushed", "Layer already exists");

    private static final long LAYER_PAUSE_MILLIS = 500;

    private final InstantSource clock;
    private final Consumer<Progress> listener;
    private final Vertex step;
    private final Map<String, Layer> layers = new HashMap<>();

    /** A layer, since when, and when it was last told of. */
    private record Layer(Instant started, Instant told) {}

    private PushProgress(String name, InstantSource clock, Consumer<Progress> listener) {
        this.clock = clock;
        this.listener = listener;
        this.step = Vertex.newBuilder()
                .setDigest(Digest.of(name.getBytes(StandardCharsets.UTF_8)).value())
                .setName(name)
                .setStarted(wire(clock.instant()))
                .build();
    }

    static PushProgress begin(String name, InstantSource clock, Consumer<Progress> listener) {
        PushProgress step = new PushProgress(name, clock, listener);
        listener.accept(Progress.newBuilder().addVertexes(step.step).build());
        return step;
    }

    /** What the engine says of a layer: when it begins, now and then, and when it is there. */
    void layer(PushResponseItem item) {
        String status = item.getStatus();
        if (item.getId() == null || status == null) {
            return;
        }
        Instant now = clock.instant();
        Layer layer = layers.get(item.getId());
        boolean done = DONE.stream().anyMatch(status::startsWith) || status.startsWith("Mounted from");
        if (layer != null && !done && now.isBefore(layer.told().plusMillis(LAYER_PAUSE_MILLIS))) {
            return;
        }
        Instant started = layer == null ? now : layer.started();
        layers.put(item.getId(), new Layer(started, now));
        VertexStatus.Builder told = VertexStatus.newBuilder()
                .setId(item.getId())
                .setVertex(step.getDigest())
                .setName("pushing layer " + item.getId())
                .setTimestamp(wire(now))
                .setStarted(wire(started));
        ProgressDetail detail = item.getProgressDetail();
        if (detail != null && detail.getCurrent() != null) {
            told.setCurrent(detail.getCurrent());
        }
        if (detail != null && detail.getTotal() != null) {
            told.setTotal(detail.getTotal());
        }
        if (done) {
            told.setCompleted(wire(now));
        }
        listener.accept(Progress.newBuilder().addStatuses(told).build());
    }

    void line(String text) {
        listener.accept(Progress.newBuilder()
                .addLogs(VertexLog.newBuilder()
                        .setVertex(step.getDigest())
                        .setTimestamp(wire(clock.instant()))
                        .setStream(STDERR)
                        .setData(ByteString.copyFromUtf8(text + "\n")))
                .build());
    }

    void warn(String text) {
        listener.accept(Progress.newBuilder()
                .addWarnings(VertexWarning.newBuilder()
                        .setVertex(step.getDigest())
                        .setLevel(1)
                        .setSummary(text))
                .build());
    }

    /** The step is over; an empty error: well. */
    void end(String error) {
        listener.accept(Progress.newBuilder()
                .addVertexes(
                        step.toBuilder().setCompleted(wire(clock.instant())).setError(error))
                .build());
    }

    private static Timestamp wire(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }
}
