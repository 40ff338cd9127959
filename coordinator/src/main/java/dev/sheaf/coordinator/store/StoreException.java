package dev.sheaf.coordinator.store;

/** Decisions could not be kept, or not be read. */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What may be done. */
    public enum Kind {
        /** The database does not answer, or has no room: the same call may succeed later. */
        UNAVAILABLE,
        /** Another coordinator leads the farm: this one must not go on. */
        SUPERSEDED,
        /** Another process on this machine uses the data directory: this one must end. */
        IN_USE,
        /** The store cannot be trusted, or cannot be used by this version: the coordinator must end. */
        BROKEN
    }

    private final Kind kind;

    public StoreException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public StoreException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
