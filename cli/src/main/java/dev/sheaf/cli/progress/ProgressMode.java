package dev.sheaf.cli.progress;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.cli.shell.Streams;

/** The values of --progress. */
public enum ProgressMode {
    AUTO,
    PLAIN,
    TTY,
    QUIET,
    RAWJSON;

    /** Reads a flag's value, as buildx spells it. */
    public static ProgressMode parse(String value) throws CliException {
        return switch (value) {
            case "auto" -> AUTO;
            case "plain" -> PLAIN;
            case "tty" -> TTY;
            case "quiet", "none" -> QUIET;
            case "rawjson" -> RAWJSON;
            default -> throw CliException.user(
                    "--progress " + value + " is not known; it is one of auto, plain, tty, quiet, rawjson");
        };
    }

    ProgressView view(Shell shell, Steps steps) throws CliException {
        Streams streams = shell.streams();
        return switch (this) {
            case PLAIN -> new PlainView(streams.err());
            case QUIET -> new QuietView();
            case RAWJSON -> new JsonView(streams.err());
            case AUTO -> streams.terminal()
                    ? new TerminalView(streams, steps, shell.clock())
                    : new PlainView(streams.err());
            case TTY -> {
                if (!streams.terminal()) {
                    throw CliException.user("--progress tty: standard error is not a terminal; use --progress plain");
                }
                yield new TerminalView(streams, steps, shell.clock());
            }
        };
    }
}
