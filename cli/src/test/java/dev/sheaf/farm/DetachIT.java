package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.architecture.Lab;
import dev.sheaf.faults.oracle.History;
import dev.sheaf.faults.oracle.TagReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds that go on without whoever asked for them, and without the coordinator for a while. */
@Tag("lab")
final class DetachIT {
    private static final int LINES = 60;
    private static final Pattern LINE = Pattern.compile("(?m)^#\\d+ [0-9.]+ line-(\\d+)$");

    @TempDir
    private Path directory;

    private Farm farm;

    @BeforeEach
    void startFarm() throws Exception {
        farm = Farm.start(directory);
    }

    @AfterEach
    void stopFarm() {
        farm.close();
    }

    @Test
    void coordinatorKilledInMidBuild_startedAnew_attachShowsEachLineOnce_andTheTagIsRight() throws Exception {
        farm.agent("amd64-1", "linux/amd64");
        String image = image("detach");
        Path context = farm.context(
                "Dockerfile",
                "FROM " + Lab.busybox() + "\nENV RUN=" + System.nanoTime() + "\nRUN for i in $(seq 0 " + (LINES - 1)
                        + "); do echo line-$i; sleep 0.2; done\nCOPY f /f\n",
                "f",
                "content");

        String id = detach(image, context);
        try (Program follower = farm.start("show", "--logs", id)) {
            follower.awaitLine(Pattern.compile("(?m) line-20$"), Duration.ofSeconds(60));
            farm.coordinator().kill9();
            // Meanwhile the build goes on, and nobody takes its output.
            Thread.sleep(2_000);
            farm.restartCoordinator();

            Farm.Result attached = farm.run("attach", "--progress", "plain", id);

            assertThat(attached.exitCode()).as(attached.all()).isZero();
            assertThat(lines(attached.err())).as(attached.all()).isEqualTo(allLines());
            assertThat(attached.err()).contains("the coordinator was started anew: the build goes on");
            assertThat(follower.await(Duration.ofMinutes(1))).as(follower.err()).isZero();
            assertThat(lines(follower.err())).as(follower.err()).isEqualTo(allLines());
        }
        // Said by the agent when it was given the slice, before the coordinator was killed.
        assertThat(farm.run("show", id).out())
                .containsPattern("(?m)^linux/amd64 +natively +x86_64, Linux \\S+, .+ Docker Engine [0-9.]+");
        History.Tag tag = TagReader.read(image, Lab.registry()).orElseThrow();
        assertThat(tag.platforms()).containsOnlyKeys("linux/amd64");
        assertThat(Docker.run("linux/amd64", image, "cat", "/f")).contains("content");
    }

    @Test
    void stitch_movesAnotherTagToWhatWasBuilt_withoutAnyAgent() throws Exception {
        Program agent = farm.agent("amd64-1", "linux/amd64");
        String image = image("stitch");
        String id = detach(image, farm.context("Dockerfile", "FROM " + Lab.busybox() + "\nRUN echo made\n"));
        Farm.Result built = farm.run("attach", "-q", id);
        assertThat(built.exitCode()).as(built.all()).isZero();
        agent.close();
        String other = image.replaceFirst(":1$", ":2");

        Farm.Result stitched = farm.run("stitch", "--progress", "plain", "-t", other, id.substring(0, 8));

        assertThat(stitched.exitCode()).as(stitched.all()).isZero();
        assertThat(TagReader.read(other, Lab.registry())).isEqualTo(TagReader.read(image, Lab.registry()));
        assertThat(TagReader.read(other, Lab.registry())).isPresent();
        assertThat(stitched.out()).contains(other + "@" + built.out().strip());
    }

    /** Submits, and leaves. Returns the build's id. */
    private String detach(String image, Path context) {
        Farm.Result left =
                farm.run("build", "--detach", "--platform", "linux/amd64", "-t", image, "--push", context.toString());
        assertThat(left.exitCode()).as(left.all()).isZero();
        return left.out().strip();
    }

    private static List<Integer> lines(String shown) {
        return LINE.matcher(shown)
                .results()
                .map((MatchResult match) -> Integer.valueOf(match.group(1)))
                .toList();
    }

    private static List<Integer> allLines() {
        return IntStream.range(0, LINES).boxed().toList();
    }

    private static String image(String name) {
        return Lab.registry() + "/it/" + name + ProcessHandle.current().pid() + ":1";
    }
}
