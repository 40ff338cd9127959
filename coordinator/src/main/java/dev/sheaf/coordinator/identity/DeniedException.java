package dev.sheaf.coordinator.identity;

/** A caller may not do what it wants; one sentence for it, without anything secret. */
public final class DeniedException extends Exception {
    private static final long serialVersionUID = 1;

    /** Why. */
    public enum Kind {
        /** The caller brought nothing that says who it is, or what it brought has expired or is not well-formed. */
        UNAUTHENTICATED,
        /** The caller is known, or was; it may not do this. */
        FORBIDDEN,
        /** Too many wrong tokens came from its address. */
        THROTTLED
    }

    private final Kind kind;

    public DeniedException(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
