package dev.sheaf.cli;

import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.cli.shell.Sleeper;
import dev.sheaf.cli.shell.Streams;
import dev.sheaf.cli.shell.TerminalSize;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** Runs command lines and keeps what they print. */
final class Terminal {
    final Map<String, String> environment = new TreeMap<>();
    final List<Runnable> interrupts = new CopyOnWriteArrayList<>();
    final List<ExitCode> left = new CopyOnWriteArrayList<>();
    final List<Duration> sleeps = new CopyOnWriteArrayList<>();
    private final Path directory;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Sleeper sleeper = sleeps::add;

    Terminal(Path directory) {
        this.directory = directory;
        environment.put("HOME", directory.resolve("home").toString());
        environment.put("XDG_CACHE_HOME", directory.resolve("cache").toString());
    }

    /** Waits never end by themselves. */
    void stopTime() {
        sleeper = time -> {
            sleeps.add(time);
            new java.util.concurrent.CountDownLatch(1).await();
        };
    }

    int run(String... arguments) {
        return new CommandRunner(shell()).run(new ArrayList<>(List.of(arguments)));
    }

    Shell shell() {
        Streams streams = new Streams(
                new ByteArrayInputStream(new byte[0]),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                () -> new TerminalSize(80, 24),
                false,
                _ -> Optional.empty());
        return new Shell(
                streams,
                environment,
                directory,
                InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z")),
                sleeper,
                () -> new UUID(1, 2),
                interrupts::add,
                left::add);
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    String lastErrorLine() {
        return err().lines().reduce("", (_, line) -> line);
    }
}
