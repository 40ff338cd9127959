package dev.sheaf.dockerfile;

/** A text is no Dockerfile, or one beyond the limits. The message is one line for people and names the line. */
public final class DockerfileException extends Exception {
    private static final long serialVersionUID = 1L;

    /** One line without a line number: it is about the whole file. */
    public DockerfileException(String message) {
        super(message);
    }

    /** One line; the number counts from 1. */
    DockerfileException(int line, String message) {
        super("line " + line + ": " + message);
    }
}
