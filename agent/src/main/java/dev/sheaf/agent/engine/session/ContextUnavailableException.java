package dev.sheaf.agent.engine.session;

import dev.sheaf.v1.FailureClass;
import java.io.IOException;

/** Files of a build cannot be had, and it is known whose failure that is. The message is one line for the user. */
public final class ContextUnavailableException extends IOException {
    private static final long serialVersionUID = 1L;

    private final FailureClass kind;

    public ContextUnavailableException(FailureClass kind, String message) {
        super(message);
        this.kind = kind;
    }

    public FailureClass kind() {
        return kind;
    }
}
