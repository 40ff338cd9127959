package dev.sheaf.cli.process;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A program on the PATH of the given environment, run with a time limit and with bounded output. */
public final class Tool {
    /** Bytes of output kept of each of stdout and stderr; the rest is read and dropped. */
    private static final int MAX_OUTPUT = 1 << 20;

    private final String name;
    private final Map<String, String> environment;

    /** What a program left behind. */
    public record Outcome(int exitCode, String output, String errors) {}

    /** A program of this name, to run in this environment. */
    public Tool(String name, Map<String, String> environment) {
        this.name = name;
        this.environment = Map.copyOf(environment);
    }

    /** Runs the program to its end. */
    public Outcome run(List<String> arguments, String input, Duration limit)
            throws ToolException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(find().orElseThrow(() -> new ToolException(name + " is not on the PATH", true))
                .toString());
        command.addAll(arguments);
        Process process = start(command);
        try {
            CompletableFuture<String> output = read(process.getInputStream());
            CompletableFuture<String> errors = read(process.getErrorStream());
            feed(process, input);
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new ToolException(name + " did not answer within " + limit.toSeconds() + " s", false);
            }
            return new Outcome(process.exitValue(), output.join(), errors.join());
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private Process start(List<String> command) throws ToolException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new ToolException(name + " cannot be started", false);
        }
    }

    private static void feed(Process process, String input) {
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended without reading its input; its exit code says why.
            return;
        }
    }

    private static CompletableFuture<String> read(InputStream stream) {
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (stream) {
                byte[] kept = stream.readNBytes(MAX_OUTPUT);
                stream.transferTo(OutputStream.nullOutputStream());
                text.complete(new String(kept, StandardCharsets.UTF_8));
            } catch (IOException e) {
                text.complete("");
            }
        });
        return text;
    }

    /** Found by hand: the JDK would look on the PATH that this JVM was started with. */
    private Optional<Path> find() {
        for (String directory : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            Path candidate = Path.of(directory.isEmpty() ? "." : directory, name);
            if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
                return Optional.of(candidate.toAbsolutePath());
            }
        }
        return Optional.empty();
    }
}
