package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.architecture.Lab;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Emulators that somebody registers while an agent runs. The agent sees a list of its own in place of the kernel's, for
 * a handler that is really registered would take the programs of every other test.
 */
@Tag("lab")
final class EmulatorsIT {
    private static final String LIST = "/proc/sys/fs/binfmt_misc";
    private static final List<String> OWN_LIST =
            List.of("unshare", "-m", "sh", "-c", "mount -t tmpfs none " + LIST + " && exec \"$@\"", "sh");

    @TempDir
    private Path directory;

    private Farm farm;

    @BeforeEach
    void startFarm() throws Exception {
        if (!Files.isDirectory(Path.of(LIST))) {
            Lab.missing("this kernel has no " + LIST);
        }
        farm = Farm.start(directory);
    }

    @AfterEach
    void stopFarm() {
        farm.close();
    }

    @Test
    void handlersAppearInMidBuild_resultIsNotUsed_andOnlyWhatIsStillNativeIsOffered() throws Exception {
        Program agent = farm.agentWithin(
                OWN_LIST, "emulates-1", Lab.dockerHost(), "--platform", "linux/amd64", "--platform", "linux/386");
        assertThat(platforms("emulates-1")).containsExactly("linux/amd64", "linux/386");
        Path context = farm.context("Dockerfile", "FROM " + Lab.busybox() + "\nRUN echo started; sleep 3\n");
        String image =
                Lab.registry() + "/it/emulators" + ProcessHandle.current().pid() + ":1";
        Path metadata = directory.resolve("metadata.json");
        try (Program build = farm.start(
                "build",
                "--progress",
                "plain",
                "--platform",
                "linux/386",
                "--no-cache",
                "--metadata-file",
                metadata.toString(),
                "-t",
                image,
                "--push",
                context.toString())) {
            build.awaitLine(Pattern.compile("(?m)started$"), Duration.ofSeconds(60));
            register(agent, "qemu-aarch64", "7f454c460201010000000000000000000200b700");
            register(agent, "qemu-i386", "7f454c4601010100000000000000000002000300");
            farm.agent("native-1", "linux/386");

            assertThat(build.await(Duration.ofMinutes(2))).as(build.err()).isZero();
            assertThat(build.err())
                    .contains(
                            "agent emulates-1 failed: this agent stopped offering linux/386 while the slice was built");
        }
        JsonNode slice = new JsonMapper().readTree(metadata.toFile()).at("/sheaf.build/platforms/linux~1386");
        assertThat(slice.get("agent").asText()).isEqualTo("native-1");
        assertThat(slice.get("emulated").asBoolean(true)).isFalse();
        assertThat(platforms("emulates-1")).containsExactly("linux/amd64");
        assertThat(agent.out() + agent.err())
                .containsOnlyOnce("no longer offers linux/386: binfmt handler qemu-i386 (/usr/bin/qemu-i386)");
    }

    private List<String> platforms(String name) throws Exception {
        for (String line : farm.run("agents", "--format", "json").out().lines().toList()) {
            JsonNode agent = new JsonMapper().readTree(line);
            if (agent.get("name").asText().equals(name)) {
                return agent.get("platforms")
                        .valueStream()
                        .map(platform -> platform.get("platform").asText())
                        .toList();
            }
        }
        throw new AssertionError(name + " has not joined");
    }

    /** As the kernel lists a handler, in the list that this agent sees. */
    private static void register(Program agent, String name, String magic) throws Exception {
        Files.writeString(
                Path.of("/proc", Long.toString(agent.pid()), "root", LIST.substring(1), name),
                "enabled\ninterpreter /usr/bin/" + name + "\nflags: F\noffset 0\nmagic " + magic + "\n");
    }
}
