package dev.sheaf.coordinator.store.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A PostgreSQL of the lab that a test may kill. */
record PrivateServer(String lab, String address) implements AutoCloseable {
    private static final String NAME = "killed-by-tests";

    static PrivateServer start(String lab) throws IOException {
        return new PrivateServer(lab, run("postgres", lab, NAME));
    }

    void kill() throws IOException {
        run("kill", lab, NAME);
    }

    void startAgain() throws IOException {
        run("postgres", lab, NAME);
    }

    @Override
    public void close() throws IOException {
        run("stop", lab, NAME);
    }

    private static String run(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of("..", "deploy", "lab", "lab").toRealPath().toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.onExit().join().exitValue() != 0) {
            throw new AssertionError(command + " failed");
        }
        return output.strip();
    }
}
