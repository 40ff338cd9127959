package dev.sheaf.cli.lint;

import java.io.IOException;
import java.io.InputStream;

/**
 * A file of the context.
 *
 * @param path within the context, without a leading slash
 * @param isExecutable somebody may run it
 * @param size in bytes
 */
public record ContextFile(String path, boolean isExecutable, long size, Opener opener) {
    /** Opens the content. */
    @FunctionalInterface
    public interface Opener {
        InputStream open() throws IOException;
    }
}
