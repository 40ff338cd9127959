package dev.sheaf.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.sheaf.cli.shell.Streams;
import dev.sheaf.cli.shell.TerminalSize;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.Notice;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.SliceStage;
import dev.sheaf.v1.SliceState;
import dev.sheaf.v1.Vertex;
import dev.sheaf.v1.VertexLog;
import dev.sheaf.v1.VertexStatus;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ViewsTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private static Timestamp at(long millis) {
        return Timestamp.newBuilder()
                .setSeconds(millis / 1000)
                .setNanos((int) (millis % 1000) * 1_000_000)
                .build();
    }

    private static BuildEvent on(String platform, Progress.Builder progress) {
        return BuildEvent.newBuilder()
                .setPlatform(platform)
                .setProgress(progress)
                .build();
    }

    private static Vertex.Builder vertex(String digest, String name) {
        return Vertex.newBuilder().setDigest(digest).setName(name);
    }

    private static BuildEvent stage(String platform, SliceStage stage, String agent, int attempt) {
        return BuildEvent.newBuilder()
                .setPlatform(platform)
                .setSlice(
                        SliceState.newBuilder().setStage(stage).setAgent(agent).setAttempt(attempt))
                .build();
    }

    private static Progress.Builder log(String digest, String text, long millis) {
        return Progress.newBuilder()
                .addLogs(VertexLog.newBuilder()
                        .setVertex(digest)
                        .setTimestamp(at(millis))
                        .setData(ByteString.copyFromUtf8(text)));
    }

    private static List<BuildEvent> twoPlatforms() {
        return List.of(
                stage("linux/amd64", SliceStage.SLICE_STAGE_RUNNING, "amd-1", 1),
                stage("linux/arm64", SliceStage.SLICE_STAGE_RUNNING, "arm-1", 1),
                on(
                        "linux/amd64",
                        Progress.newBuilder()
                                .addVertexes(vertex("a", "[2/2] RUN make").setStarted(at(1000)))),
                on("linux/amd64", log("a", "com", 1100)),
                on(
                        "linux/arm64",
                        Progress.newBuilder()
                                .addVertexes(vertex("a", "[2/2] RUN make").setStarted(at(1000)))),
                on("linux/amd64", log("a", "piled\n\u001b[2Jpart", 1250)),
                on("linux/arm64", log("a", "10%\r99%\r\n", 2000)),
                on(
                        "linux/amd64",
                        Progress.newBuilder().addVertexes(vertex("a", "").setCompleted(at(2500)))),
                on(
                        "linux/arm64",
                        Progress.newBuilder()
                                .addVertexes(
                                        vertex("a", "").setCompleted(at(3000)).setError("exit code: 2"))),
                BuildEvent.newBuilder()
                        .setNotice(Notice.newBuilder().setText("agent arm-1 was lost"))
                        .build(),
                stage("linux/arm64", SliceStage.SLICE_STAGE_RUNNING, "arm-2", 2),
                on(
                        "linux/arm64",
                        Progress.newBuilder()
                                .addVertexes(vertex("b", "exporting to image")
                                        .setStarted(at(4000))
                                        .setCompleted(at(4300)))
                                .addStatuses(VertexStatus.newBuilder()
                                        .setId("layer")
                                        .setVertex("b")
                                        .setName("pushing layers")
                                        .setCurrent(1500)
                                        .setTotal(1500)
                                        .setStarted(at(4000))
                                        .setCompleted(at(4200)))),
                on(
                        "linux/arm64",
                        Progress.newBuilder()
                                .addVertexes(vertex("c", "[1/2] FROM busybox")
                                        .setStarted(at(4000))
                                        .setCompleted(at(4000))
                                        .setCached(true))));
    }

    private String show(ProgressView view, Steps steps) {
        for (BuildEvent event : twoPlatforms()) {
            view.show(event, steps.apply(event));
        }
        view.close();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void plain_ofTwoPlatforms_namesThePlatformWhereAStepStartsAndEnds() {
        assertThat(show(new PlainView(err), new Steps())).isEqualToNormalizingNewlines("""
                => linux/amd64 building on amd-1
                => linux/arm64 building on arm-1
                #1 [linux/amd64 2/2] RUN make
                #2 [linux/arm64 2/2] RUN make
                #1 0.250 compiled
                #2 1.000 99%
                #1 1.500 part
                #1 DONE 1.5s [linux/amd64 2/2]
                #2 ERROR: [linux/arm64 2/2] exit code: 2
                => agent arm-1 was lost
                => linux/arm64 building on arm-2, attempt 2
                #3 [linux/arm64] exporting to image
                #3 pushing layers 1.50kB / 1.50kB 0.2s done
                #3 DONE 0.3s [linux/arm64]
                #4 [linux/arm64 1/2] FROM busybox
                #4 CACHED [linux/arm64 1/2]
                """);
    }

    @Test
    void json_hasTheShapeOfSolveStatus() {
        List<String> lines = show(new JsonView(err), new Steps()).lines().toList();

        assertThat(lines).hasSize(twoPlatforms().size()).allMatch(line -> line.startsWith("{") && line.endsWith("}"));
        assertThat(lines.get(2))
                .isEqualTo("{\"vertexes\":[{\"digest\":\"a\",\"name\":\"[linux/amd64 2/2] RUN make\","
                        + "\"started\":\"1970-01-01T00:00:01Z\"}],\"sheaf\":{\"platform\":\"linux/amd64\"}}");
        assertThat(lines.get(3)).contains("\"logs\":[{\"vertex\":\"a\",\"stream\":0,\"data\":\"Y29t\"");
        assertThat(lines.get(11))
                .contains("\"total\":1500,\"current\":1500", "\"completed\":\"1970-01-01T00:00:04.200Z\"");
    }

    @Test
    void terminal_showsEachPlatformAndNoControlSequenceOfTheBuild() {
        Steps steps = new Steps();
        Streams streams = new Streams(
                new ByteArrayInputStream(new byte[0]),
                err,
                err,
                true,
                () -> new TerminalSize(80, 24),
                true,
                _ -> Optional.empty());
        String shown;
        synchronized (steps) {
            TerminalView view = new TerminalView(streams, steps, InstantSource.fixed(Instant.ofEpochSecond(5)));
            for (BuildEvent event : twoPlatforms()) {
                view.show(event, steps.apply(event));
            }
            view.close();
            shown = bytes.toString(StandardCharsets.UTF_8);
        }

        assertThat(shown)
                .contains("linux/amd64  building on amd-1", "linux/arm64  building on arm-2, attempt 2")
                .contains("=> linux/arm64 building on arm-2, attempt 2\r\n")
                .contains("[linux/arm64 2/2] RUN make: ERROR: exit code: 2", "=> agent arm-1 was lost")
                .doesNotContain("\u001b[2J");
    }

    @Test
    void stepThatBeginsAgain_runsAgain() {
        Steps steps = new Steps();
        steps.apply(on(
                "linux/amd64",
                Progress.newBuilder()
                        .addVertexes(vertex("a", "load build context")
                                .setStarted(at(1000))
                                .setCompleted(at(1010)))));
        Step step = steps.of("linux/amd64").getFirst();
        assertThat(step.isRunning()).isFalse();

        steps.apply(on(
                "linux/amd64",
                Progress.newBuilder()
                        .addVertexes(vertex("a", "load build context").setStarted(at(1020)))
                        .addStatuses(VertexStatus.newBuilder()
                                .setId("transferring")
                                .setVertex("a")
                                .setCurrent(2_000_000)
                                .setStarted(at(1020)))));

        assertThat(step.isRunning()).isTrue();
        assertThat(step.current()).containsExactly("transferring 2.00MB");
    }

    @Test
    void failedStep_isRememberedWithItsLastLines() {
        Steps steps = new Steps();
        twoPlatforms().subList(0, 9).forEach(steps::apply);

        Step failed = steps.of("linux/arm64").getFirst();

        assertThat(failed.error).isEqualTo("exit code: 2");
        assertThat(failed.lastLines()).containsExactly("1.000 99%");
    }
}
