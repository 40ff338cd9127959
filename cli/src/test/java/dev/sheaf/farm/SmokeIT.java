package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.architecture.Lab;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that are run before their tag moves, on a real engine. */
@Tag("lab")
final class SmokeIT {
    /** Fails where there is a network beside the loopback. */
    private static final String NO_NETWORK = "test \"$(ls /sys/class/net | tr -d '\\n')\" = lo && echo alone";

    @TempDir
    private Path directory;

    private Farm farm;
    private String image;

    @BeforeEach
    void startFarm() throws Exception {
        farm = Farm.start(directory);
        farm.agent("amd64-1", "linux/amd64");
        image = Lab.registry() + "/it/smoke" + System.nanoTime() + ":1";
    }

    @AfterEach
    void stopFarm() {
        farm.close();
    }

    @Test
    void commandSucceeds_withTheImagesUserDirectoryAndVariables_tagMoves() throws Exception {
        Path context = busybox("ENV WORD=hello\nWORKDIR /work\nUSER 1234\nENTRYPOINT [\"/bin/false\"]\n");

        Farm.Result result = build(context, "--smoke", "sh -c 'echo $WORD from $(pwd) as $(id -u)'");

        assertThat(result.exitCode()).as(result.all()).isZero();
        assertThat(result.err())
                .contains("[linux/amd64 smoke test] sh -c 'echo $WORD from $(pwd) as $(id -u)'")
                .contains("hello from /work as 1234");
        assertThat(isThere()).isTrue();
        assertThat(farm.run("inspect", image).out()).contains("linux/amd64");
    }

    @Test
    void commandFails_userSeesItsOutput_noTagMoves() throws Exception {
        Farm.Result result = build(busybox(""), "--smoke", "sh -c 'echo cannot go on >&2; exit 3'");

        assertThat(result.exitCode()).as(result.all()).isEqualTo(1);
        assertThat(error(result))
                .startsWith("ERROR: linux/amd64: the smoke test failed on agent amd64-1: \"sh -c 'echo cannot go on")
                .contains("ended with exit code 3; its last output: \"cannot go on\"")
                .endsWith("; no tag was moved");
        assertThat(result.all()).doesNotContain("attempt 2", "Exception");
        assertThat(isThere()).isFalse();
    }

    @Test
    void commandHangs_isStoppedAndSaysSo() throws Exception {
        Farm.Result result = build(busybox(""), "--smoke-timeout", "2s", "--smoke", "sh -c 'echo waiting; sleep 3600'");

        assertThat(result.exitCode()).as(result.all()).isEqualTo(1);
        assertThat(error(result))
                .contains("still ran after 2 s and was stopped")
                .contains("--smoke-timeout")
                .contains("\"waiting\"");
        assertThat(isThere()).isFalse();
    }

    @Test
    void command_seesNoNetwork() throws Exception {
        Farm.Result result = build(busybox(""), "--smoke", "sh -c '" + NO_NETWORK.replace("'", "'\\''") + "'");

        assertThat(result.exitCode()).as(result.all()).isZero();
        assertThat(result.err()).contains("alone");
    }

    @Test
    void imageWithoutAShell_runsItsProgram_andAWrongNameIsOneLine() throws Exception {
        Path context = farm.context(
                "main.c",
                "#include <stdio.h>\nint main(void) { puts(\"from scratch\"); return 0; }\n",
                "Dockerfile",
                "FROM " + Lab.gcc() + " AS build\nCOPY main.c /\nRUN gcc -static -o /app /main.c\n"
                        + "FROM scratch\nCOPY --from=build /app /bin/app\n");

        Farm.Result result = build(context, "--smoke", "app --version");
        assertThat(result.exitCode()).as(result.all()).isZero();
        assertThat(result.err()).contains("from scratch");

        Farm.Result wrong = build(context, "--smoke", "ap --version");
        assertThat(wrong.exitCode()).as(wrong.all()).isEqualTo(1);
        assertThat(error(wrong))
                .contains("\"ap --version\" could not be started: exec: \"ap\": executable file not found")
                .contains("name a program of the image for linux/amd64");
    }

    @Test
    void sameCommandTwice_runsTwice_andWithoutPushItIsRefused() throws Exception {
        Path context = busybox("");
        for (int run = 0; run < 2; run++) {
            Farm.Result result = build(context, "--smoke", "sh -c 'echo ran at $(cat /proc/uptime)'");
            assertThat(result.exitCode()).as(result.all()).isZero();
            assertThat(result.err()).contains("ran at ").doesNotContainPattern("CACHED \\[linux/amd64 smoke test");
        }
        Farm.Result result = farm.run("build", "--smoke", "true", context.toString());
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(error(result)).contains("add --push, or drop --smoke");
    }

    private Path busybox(String rest) throws IOException {
        return farm.context("Dockerfile", "FROM " + Lab.busybox() + "\n" + rest);
    }

    private Farm.Result build(Path context, String... flags) {
        List<String> line = new ArrayList<>(
                List.of("build", "--progress", "plain", "--platform", "linux/amd64", "-t", image, "--push"));
        line.addAll(Arrays.asList(flags));
        line.add(context.toString());
        return farm.run(line.toArray(String[]::new));
    }

    private boolean isThere() throws IOException {
        Farm.Result result = farm.run("inspect", "--raw", image);
        return result.exitCode() == 0
                && new JsonMapper().readTree(result.out()).get("manifests").size() > 0;
    }

    private static String error(Farm.Result result) {
        return result.err()
                .lines()
                .filter(line -> line.startsWith("ERROR: "))
                .reduce((one, other) -> one + " AND " + other)
                .orElse(result.all());
    }
}
