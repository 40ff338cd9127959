package dev.sheaf.coordinator.context;

import java.io.IOException;

/** The context store is full of blobs that may not be evicted now. */
public final class QuotaExceededException extends IOException {
    private static final long serialVersionUID = 1L;

    QuotaExceededException(long quotaBytes) {
        super("context store is full: all of its " + quotaBytes
                + " bytes are in use (context-quota); try again in some minutes or raise --context-quota");
    }
}
