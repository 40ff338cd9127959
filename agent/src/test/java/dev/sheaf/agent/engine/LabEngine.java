package dev.sheaf.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.architecture.Lab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Docker Engine of a test's own, which the lab starts, and the test breaks. */
final class LabEngine {
    private static final long LAB_SECONDS = 300; // the first one of a machine is unpacked before

    private final String name;
    private final String address;
    private String pid;

    private LabEngine(String name, String address, String pid) {
        this.name = name;
        this.address = address;
        this.pid = pid;
    }

    /** Starts one; flags as "lab engine" has them. */
    static LabEngine start(String name, String... flags) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(name));
        arguments.addAll(List.of(flags));
        return new LabEngine(name, lab("engine", arguments.toArray(String[]::new)), lab("pid", name));
    }

    /** For the agent. */
    String address() {
        return address;
    }

    /** A directory that this engine sees under the same name as this machine. */
    Path directory() {
        return Path.of(Lab.require("SHEAF_LAB_DIR", "a lab")).resolve("engine").resolve(name);
    }

    /** kill -9: its containers go on. */
    void kill() throws IOException, InterruptedException {
        signal("KILL", pid);
    }

    /** After a kill. */
    void startAgain() throws IOException, InterruptedException {
        lab("engine", name);
        pid = lab("pid", name);
    }

    /** Takes connections and does nothing more. */
    void hang() throws IOException, InterruptedException {
        signal("STOP", pid);
    }

    /** After it hung. */
    void goOn() throws IOException, InterruptedException {
        signal("CONT", pid);
        // nsenter, which started it, stops together with it and does not go on by itself.
        ProcessHandle process = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
        signal("CONT", Long.toString(process.parent().orElseThrow().pid()));
    }

    /** Runs a command on the file systems that it sees. */
    void inItsNamespace(String... command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("nsenter", "--target", pid, "--mount", "--root", "--"));
        line.addAll(List.of(command));
        Ended ended = run(line);
        assertThat(ended.exitCode()).as(line + ended.out()).isZero();
    }

    void stop() throws IOException, InterruptedException {
        // First dockerd: in good order it would wait for steps that nobody wants any more.
        run(List.of(program(), "kill", Lab.require("SHEAF_LAB_DIR", "a lab"), name));
        lab("stop", name);
    }

    private static String lab(String command, String... arguments) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(program(), command, Lab.require("SHEAF_LAB_DIR", "a lab")));
        line.addAll(List.of(arguments));
        Ended ended = run(line);
        assertThat(ended.exitCode()).as(line + ended.out()).isZero();
        return ended.out().strip().lines().reduce("", (_, last) -> last);
    }

    private static void signal(String signal, String pid) throws IOException, InterruptedException {
        assertThat(run(List.of("kill", "-" + signal, pid)).exitCode()).isZero();
    }

    private record Ended(int exitCode, String out) {}

    private static Ended run(List<String> line) throws IOException, InterruptedException {
        Path out = Files.createTempFile("lab", ".out");
        try {
            Process process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            assertThat(process.waitFor(LAB_SECONDS, TimeUnit.SECONDS))
                    .as(line.toString())
                    .isTrue();
            return new Ended(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8));
        } finally {
            Files.delete(out);
        }
    }

    private static String program() {
        for (Path root = Path.of("").toAbsolutePath(); root != null; root = root.getParent()) {
            Path lab = root.resolve("deploy/lab/lab");
            if (Files.isExecutable(lab)) {
                return lab.toString();
            }
        }
        throw new IllegalStateException("no deploy/lab/lab above " + Path.of("").toAbsolutePath());
    }
}
