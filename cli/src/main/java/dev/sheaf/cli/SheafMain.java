package dev.sheaf.cli;

import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.cli.shell.Streams;
import dev.sheaf.signal.StopSignals;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Starts {@code sheaf} with the streams, the environment and the clock of this process. */
public final class SheafMain {
    private static final int DEFAULT_COLUMNS = 80;

    private SheafMain() {}

    public static void main(String[] arguments) {
        Shell shell = shell();
        System.exit(new CommandRunner(shell).run(List.of(arguments)));
    }

    private static Shell shell() {
        Map<String, String> environment = System.getenv();
        // The launcher knows whether standard error is a terminal; Java can only ask about all streams together.
        boolean terminal = Boolean.getBoolean("sheaf.terminal")
                && !environment.getOrDefault("TERM", "dumb").equals("dumb");
        int columns = Integer.getInteger("sheaf.columns", DEFAULT_COLUMNS);
        boolean colour = terminal && environment.getOrDefault("NO_COLOR", "").isEmpty();
        PrintStream err = stream(FileDescriptor.err);
        Streams streams = new Streams(
                System.in, stream(FileDescriptor.out), err, terminal, columns > 0 ? columns : DEFAULT_COLUMNS, colour);
        return new Shell(
                streams,
                environment,
                Path.of("").toAbsolutePath(),
                InstantSource.system(),
                Thread::sleep,
                UUID::randomUUID,
                StopSignals::each,
                SheafMain::leave);
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(
                new BufferedOutputStream(new FileOutputStream(descriptor), 16 * 1024), false, StandardCharsets.UTF_8);
    }

    private static void leave(ExitCode exit) {
        Runtime.getRuntime().halt(exit.number());
    }
}
