package dev.sheaf.context;

/** A pattern of an ignore file or of a request that cannot be understood. Its message is one line for the user. */
public final class InvalidPatternException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    InvalidPatternException(String message) {
        super(message);
    }
}
