package dev.sheaf.cli.shell;

/** Ends the program: one line for the user, and the exit code. */
public final class CliException extends Exception {
    private static final long serialVersionUID = 1L;

    private final ExitCode exit;

    public CliException(ExitCode exit, String line) {
        super(line, null, false, false);
        this.exit = exit;
    }

    /** A mistake in the flags or in what they name. */
    public static CliException user(String line) {
        return new CliException(ExitCode.USER, line);
    }

    public ExitCode exit() {
        return exit;
    }

    /** The line for the user. */
    public String line() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
