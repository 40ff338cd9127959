package dev.sheaf.faults.chaos;

import dev.sheaf.architecture.Lab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Commands and processes of this machine. */
public final class Host {
    private Host() {}

    /** Runs a command to its end; what it printed. Fails if the command does. */
    public static String run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(String.join(" ", command) + ": " + output);
            }
            return output.strip();
        } catch (IOException e) {
            throw new AssertionError(String.join(" ", command), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Skips the test where it has no say over the machine. */
    public static void requireRoot() {
        if (!"root".equals(System.getProperty("user.name"))) {
            Lab.missing("root is needed, for networks, mounts and control groups of the test's own");
        }
    }

    /** Pids of processes, in containers too, whose command line begins so; arguments are separated by NUL. */
    public static List<Long> processes(String commandLine) {
        List<Long> found = new ArrayList<>();
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (commandLine(process).startsWith(commandLine)) {
                    found.add(Long.parseLong(
                            Objects.requireNonNull(process.getFileName()).toString()));
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return found;
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"));
        } catch (IOException e) {
            return ""; // it has ended
        }
    }
}
