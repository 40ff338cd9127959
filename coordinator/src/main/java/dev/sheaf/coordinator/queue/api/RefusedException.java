package dev.sheaf.coordinator.queue.api;

/** The farm does not take a request; nothing changed. The message is one line for the user. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    /** Why. */
    public enum Reason {
        /** No agent proves a requested platform, and the build does not wait. */
        NO_AGENT,
        /** A limit is reached; its name is in the message. */
        LIMIT_REACHED,
        /** The idempotency key belongs to a build of something else. */
        KEY_REUSED,
        /** There is nothing to stitch. */
        NOT_BUILT,
        /** Another live process uses the agent's name. */
        NAME_IN_USE
    }

    private final Reason reason;

    public RefusedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }
}
