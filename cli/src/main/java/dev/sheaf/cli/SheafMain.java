package dev.sheaf.cli;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.cli.shell.Streams;
import dev.sheaf.cli.shell.TerminalSize;
import dev.sheaf.signal.Signals;
import java.io.BufferedOutputStream;
import java.io.Console;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Starts {@code sheaf} with the streams, the environment and the clock of this process. */
public final class SheafMain {
    private static final Duration STTY_LIMIT = Duration.ofSeconds(2);

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
        boolean colour = terminal && environment.getOrDefault("NO_COLOR", "").isEmpty();
        PrintStream err = stream(FileDescriptor.err);
        Streams streams = new Streams(
                System.in, stream(FileDescriptor.out), err, terminal, terminalSize(terminal), colour, SheafMain::ask);
        return new Shell(
                streams,
                environment,
                Path.of("").toAbsolutePath(),
                InstantSource.system(),
                Thread::sleep,
                UUID::randomUUID,
                Signals::eachStop,
                SheafMain::leave);
    }

    /** The size that the launcher saw, and after each change of the window the new one. */
    private static Supplier<TerminalSize> terminalSize(boolean terminal) {
        AtomicReference<TerminalSize> size =
                new AtomicReference<>(TerminalSize.parse(System.getProperty("sheaf.terminal.size", "")));
        if (terminal) {
            Signals.each(List.of("WINCH"), () -> askTerminal().ifPresent(size::set));
        }
        return size::get;
    }

    /** Java cannot ask a terminal for its size; stty can. */
    private static Optional<TerminalSize> askTerminal() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!stty.waitFor(STTY_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                stty.destroyForcibly();
                return Optional.empty();
            }
            return Optional.of(
                    TerminalSize.parse(new String(stty.getInputStream().readNBytes(32), StandardCharsets.US_ASCII)));
        } catch (IOException _) {
            return Optional.empty(); // the old size serves on
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Java hides what is typed only where standard input and output both are the terminal. */
    private static Optional<String> ask(String text) throws CliException {
        Optional<Console> console = Optional.ofNullable(System.console()).filter(Console::isTerminal);
        if (console.isPresent()) {
            char[] typed = console.get().readPassword("%s", text);
            return Optional.of(typed == null ? "" : new String(typed));
        }
        if (Boolean.getBoolean("sheaf.terminal.input")) {
            throw CliException.user(
                    "what is typed would be seen, for standard output is not the terminal: let it be, or"
                            + " give a file on standard input");
        }
        return Optional.empty();
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(
                new BufferedOutputStream(new FileOutputStream(descriptor), 16 * 1024), false, StandardCharsets.UTF_8);
    }

    private static void leave(ExitCode exit) {
        Runtime.getRuntime().halt(exit.number());
    }
}
