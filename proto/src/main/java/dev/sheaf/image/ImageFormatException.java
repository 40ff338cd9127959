package dev.sheaf.image;

/** Bytes from a registry that are not what they must be; the message is one sentence. */
public final class ImageFormatException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** One sentence: what was read and what is wrong with it. */
    public ImageFormatException(String message) {
        super(message);
    }

    /** The same, with what the parser said. */
    public ImageFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
