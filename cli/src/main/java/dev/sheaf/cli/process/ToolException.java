package dev.sheaf.cli.process;

/** A program could not be run to its end. The message names the program, never its arguments or input. */
public final class ToolException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean absent;

    ToolException(String message, boolean absent) {
        super(message);
        this.absent = absent;
    }

    /** Whether there is no such program on the PATH. */
    public boolean isAbsent() {
        return absent;
    }
}
