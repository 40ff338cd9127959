package dev.sheaf.image.layer;

/** A layer that cannot be read, or that exceeds a limit: trying again does not help. The message is one sentence. */
public final class LayerFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    /** One sentence. */
    public LayerFormatException(String message) {
        super(message);
    }

    LayerFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
