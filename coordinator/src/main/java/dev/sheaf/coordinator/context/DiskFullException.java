package dev.sheaf.coordinator.context;

import java.io.IOException;
import java.nio.file.Path;

/** The disk under the context store takes no more, whatever the quota allows. */
public final class DiskFullException extends IOException {
    private static final long serialVersionUID = 1L;

    private DiskFullException(Path directory, String reason, IOException cause) {
        super(
                "the coordinator cannot store the context: " + reason + " at " + directory
                        + "; free some there, or give the coordinator a --data directory on a larger disk",
                cause);
    }

    /** The same failure, said so that an operator can act, if it is this one. Java tells it by its text only. */
    static IOException explain(IOException failure, Path directory) {
        String message = String.valueOf(failure.getMessage());
        for (String reason : new String[] {"No space left on device", "Disk quota exceeded"}) {
            if (message.contains(reason)) {
                return new DiskFullException(directory, reason, failure);
            }
        }
        return failure;
    }
}
