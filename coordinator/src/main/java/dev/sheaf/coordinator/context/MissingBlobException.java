package dev.sheaf.coordinator.context;

/** Nobody can give a blob that an agent wants: the message is one line that says why. */
public final class MissingBlobException extends Exception {
    private static final long serialVersionUID = 1L;

    MissingBlobException(String message) {
        super(message);
    }
}
