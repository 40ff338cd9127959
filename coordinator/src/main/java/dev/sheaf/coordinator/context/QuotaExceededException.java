package dev.sheaf.coordinator.context;

import java.io.IOException;

/** The context store is full of blobs that may not be evicted now. */
public final class QuotaExceededException extends IOException {
    private static final long serialVersionUID = 1L;

    QuotaExceededException(long quotaBytes) {
        super("the context store is full: all of the " + quotaBytes
                + " bytes that the coordinator's --context-quota allows are of builds that have not ended, or were used"
                + " within the last " + BlobStore.KEEP.toMinutes()
                + " minutes; try again later, or raise --context-quota");
    }
}
