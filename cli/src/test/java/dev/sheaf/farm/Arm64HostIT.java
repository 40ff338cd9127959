package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.architecture.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A host whose kernel is ARM64 joins a farm on an amd64 host, with a token over TLS, and builds its half of an image. The host is emulated as a
 * whole machine: slow, but nothing that runs in it can see that it is not real.
 */
@Tag("arm64-host")
final class Arm64HostIT {
    private static final String HOST = "arm64";

    /** The machine that emulates it, as it is called from inside. */
    private static final String OUTSIDE = "10.0.2.2";

    private static final String AGENT = "/opt/sheaf/bin/sheaf-agent";

    /** About a tenth of a real host's speed, less while the machine that emulates it is busy. */
    private static final String PATIENCE = "6";

    /** The agent's JVM starts in 20 to 40 s there, and looks at its engine before it joins. */
    private static final Duration JOINS = Duration.ofMinutes(4);

    @TempDir
    private Path directory;

    private Farm farm;

    @BeforeEach
    void startFarm() throws Exception {
        Lab.require("SHEAF_LAB_DIR", "a lab");
        Assumptions.assumeTrue(
                System.getProperty("os.arch").equals("amd64"), "an ARM64 host is emulated on amd64 machines only");
        farm = startSecurely();
    }

    @AfterEach
    void stopFarm() throws Exception {
        if (farm != null) {
            farm.close();
            lab("kill", HOST);
        }
    }

    private Farm startSecurely() throws IOException, InterruptedException {
        coordinator("init", "--name", OUTSIDE + ",127.0.0.1");
        String token = coordinator("users", "add", "tester", "--operator", "--team", "it");
        return Farm.start(directory, Map.of("SHEAF_TOKEN", token));
    }

    private String coordinator(String... arguments) throws IOException, InterruptedException {
        return Tarball.run(
                directory,
                Stream.concat(
                                Farm.command("sheaf-coordinator", arguments).stream(),
                                Stream.of("--data", directory.resolve("data").toString()))
                        .toArray(String[]::new));
    }

    private String invite(String platform) {
        Farm.Result invited = farm.run("agents", "invite", "--platform", platform);
        assertThat(invited.exitCode()).as(invited.all()).isZero();
        return invited.out().strip();
    }

    /** The other half is built by an agent of this machine. */
    private void joinHere() throws IOException, InterruptedException {
        String state = directory.resolve("amd64-1").toString();
        Farm.Result joined = farm.launch(
                "sheaf-agent", "join", farm.address(), invite("linux/amd64"), "--name", "amd64-1", "--state", state);
        assertThat(joined.exitCode()).as(joined.all()).isZero();
        farm.agentOn("amd64-1", Lab.dockerHost(), "--state", state, "--platform", "linux/amd64");
    }

    @Test
    void armSlice_isBuiltByThatHostsOwnEngineAndKernel() throws Exception {
        bootAndUnpack();
        joinHere();
        String image = Lab.registry() + "/it/arm64" + ProcessHandle.current().pid() + ":1";
        Path metadata = directory.resolve("metadata.json");

        try (Program agent = agentThere()) {
            Farm.Result result = build(image, metadata);

            assertThat(result.exitCode()).as(result.all() + agent.err()).isZero();
            assertThat(result.err())
                    .contains("built on arm64-1", "built on amd64-1")
                    .doesNotContain("EMULATED");
            say("the agent's memory after a build: " + residentMemory());
            assertThat(agent.isAlive()).isTrue();
        }

        assertThat(Docker.run("linux/amd64", image, "cat", "/machine")).isEqualTo("x86_64");
        String digest = new JsonMapper()
                .readTree(metadata.toFile())
                .get("containerimage.digest")
                .asText();
        assertThat(Docker.buildx("imagetools", "inspect", image)).contains("linux/amd64", "linux/arm64", digest);
        assertThat(there("docker", "run", "--rm", "--network", "none", image, "cat", "/machine", "/kernel")
                        .lines())
                .endsWith("aarch64", there("uname", "-r"));
    }

    /** What runs there runs on an ARM64 kernel, and no emulator of single programs is registered with it. */
    private void bootAndUnpack() throws IOException, InterruptedException {
        Path tarball = Tarball.make("arm64", directory, "dist");
        long start = System.nanoTime();
        lab("arm64", HOST);
        say("booted in " + since(start));
        assertThat(there("uname", "-m")).isEqualTo("aarch64");
        assertThat(there("ls", "/proc/sys/fs/binfmt_misc").split("\\s+")).containsExactly("register", "status");
        start = System.nanoTime();
        unpackThere(tarball);
        say(Files.size(tarball) / 1_000_000 + " MB of tarball unpacked in " + since(start));
    }

    private Farm.Result build(String image, Path metadata) throws IOException {
        Path context = farm.context(
                "Dockerfile",
                "FROM " + Lab.busybox() + "\nRUN uname -m > /machine; uname -r > /kernel; cat /machine /kernel\n");
        long start = System.nanoTime();
        Farm.Result result = farm.run(
                "build",
                "--platform",
                "linux/amd64,linux/arm64",
                "--progress",
                "plain",
                "--metadata-file",
                metadata.toString(),
                "-t",
                image,
                "--push",
                context.toString());
        say("built in " + since(start));
        return result;
    }

    private void unpackThere(Path tarball) throws IOException, InterruptedException {
        Tarball.run(
                directory,
                "sh",
                "-c",
                "\"$0\" run \"$1\" \"$2\" sh -c 'busybox tar -xz -C /opt && busybox ln -s " + Tarball.name(tarball)
                        + " /opt/sheaf' <\"$3\"",
                lab().toString(),
                Lab.require("SHEAF_LAB_DIR", "a lab"),
                HOST,
                tarball.toString());
    }

    private Program agentThere() throws IOException, InterruptedException {
        long start = System.nanoTime();
        String address = OUTSIDE + farm.address().substring(farm.address().lastIndexOf(':'));
        String said = lab(agentLine("join", address, invite("linux/arm64"), "--name", "arm64-1"));
        assertThat(said).contains("joined " + address + " as agent \"arm64-1\"");
        say("has its certificate after " + since(start));
        Program agent = Program.start(directory, "arm64-1", line(agentLine()), Map.of());
        Pattern joined = Pattern.compile("(?m)^arm64-1 +idle.*linux/arm64");
        Program.await("arm64-1 joins", JOINS, () -> {
            assertThat(agent.isAlive()).as(agent.out() + agent.err()).isTrue();
            return joined.matcher(farm.run("agents").out()).find();
        });
        say("joined in " + since(start) + "; the idle agent's memory: " + residentMemory());
        return agent;
    }

    private static String[] agentLine(String... arguments) {
        // The second compiler takes longer than it saves where a program runs for minutes.
        List<String> line = List.of("run", HOST, "env", "SHEAF_JVM_OPTS=-XX:TieredStopAtLevel=1", AGENT);
        return Stream.of(line.stream(), Stream.of(arguments), Stream.of("--patience", PATIENCE))
                .flatMap(words -> words)
                .toArray(String[]::new);
    }

    private static void say(String fact) {
        System.err.println("ARM64 host: " + fact);
    }

    private static String since(long start) {
        return Duration.ofNanos(System.nanoTime() - start).toSeconds() + " s";
    }

    private String residentMemory() throws IOException, InterruptedException {
        return there("sh", "-c", "busybox grep -E 'VmRSS|VmHWM' /proc/$(busybox pidof java)/status")
                .replaceAll("\\s+", " ");
    }

    private String there(String... command) throws IOException, InterruptedException {
        return lab(Stream.concat(Stream.of("run", HOST), Stream.of(command)).toArray(String[]::new));
    }

    private String lab(String... arguments) throws IOException, InterruptedException {
        return Tarball.run(directory, line(arguments).toArray(String[]::new));
    }

    private static List<String> line(String... arguments) {
        return Stream.concat(
                        Stream.of(lab().toString(), arguments[0], Lab.require("SHEAF_LAB_DIR", "a lab")),
                        Stream.of(arguments).skip(1))
                .toList();
    }

    private static Path lab() {
        return Farm.root().resolve("deploy/lab/lab");
    }
}
