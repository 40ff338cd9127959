package dev.sheaf.cli.context;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** The context cannot be used as it is. The message is one line for the user. */
public final class ContextException extends Exception {
    private static final long serialVersionUID = 1L;

    ContextException(String message) {
        super(message);
    }

    /** What failed, and why, in words. */
    static ContextException of(String attempt, IOException cause) {
        String reason = switch (cause) {
            case AccessDeniedException _ -> "permission denied";
            case NoSuchFileException _ -> "no such file";
            default -> {
                String message = cause.getMessage();
                yield message == null
                        ? cause.getClass().getSimpleName()
                        : message.lines().findFirst().orElse("");
            }
        };
        ContextException exception = new ContextException(attempt + ": " + reason);
        exception.initCause(cause);
        return exception;
    }
}
