package dev.sheaf.farm;

import dev.sheaf.architecture.Lab;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A Debian of the lab whose first process is systemd, with a Docker Engine of the distribution. */
final class SystemdHost implements AutoCloseable {
    private static final String LAB = Farm.root().resolve("deploy/lab/lab").toString();

    private final Path directory;
    private final String name;

    private SystemdHost(Path directory, String name) {
        this.directory = directory;
        this.name = name;
    }

    /** Boots a fresh one; flags as "lab systemd" has them. */
    static SystemdHost boot(Path directory, String prefix, String... flags) throws IOException, InterruptedException {
        SystemdHost host = new SystemdHost(
                directory, prefix + "-" + ProcessHandle.current().pid());
        try {
            Tarball.run(directory, host.lab("systemd", flags));
            return host;
        } catch (AssertionError e) {
            host.close();
            throw e;
        }
    }

    /** Runs a shell's script there as root, which must succeed; returns what it printed. */
    String run(String script) throws IOException, InterruptedException {
        return Tarball.run(directory, command(script));
    }

    /** The same, which may fail. */
    String ask(String script) {
        try {
            return run(script + " || true");
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Starts a script there. */
    Program start(String what, String script) throws IOException {
        return Program.start(directory, what, List.of(command(script)), Map.of());
    }

    /** Copies a file there. */
    void put(Path file, String target) throws IOException, InterruptedException {
        List<String> line = Stream.of(
                        Stream.of("sh", "-c", "exec \"$@\" <\"$0\"", file.toString()),
                        Stream.of(command("cat >" + target)))
                .flatMap(words -> words)
                .toList();
        Tarball.run(directory, line.toArray(String[]::new));
    }

    private String[] command(String script) {
        return lab("run", "sh", "-euc", script);
    }

    private static String lab() {
        return Lab.require("SHEAF_LAB_DIR", "a lab");
    }

    private String[] lab(String command, String... arguments) {
        return Stream.concat(Stream.of(LAB, command, lab(), name), Stream.of(arguments))
                .toArray(String[]::new);
    }

    @Override
    public void close() throws IOException {
        try {
            Tarball.run(directory, "sh", "-c", "\"$0\" kill \"$1\" \"$2\" || true", LAB, lab(), name);
            // The next one of that name would find its disk.
            Tarball.run(directory, "rm", "-rf", "--one-file-system", lab() + "/systemd/" + name);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
