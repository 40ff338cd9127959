package dev.sheaf.coordinator.dispatch;

import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.ImageReference;
import java.util.List;

/** Stitches the slices of a build, all of them built, and moves its tags. Called on a virtual thread, may block. */
@FunctionalInterface
public interface IndexPublisher {
    /** How it went. */
    sealed interface Publication {
        /** The index is pushed, read back, and every tag points to it. */
        record Published(Descriptor index) implements Publication {}

        /** REGISTRY and INFRASTRUCTURE failures are tried again, with growing waits; others end the build. */
        record Refused(Failure failure) implements Publication {}

        /** The gate was closed: the build has ended meanwhile. */
        record Abandoned() implements Publication {}
    }

    /** Asked once per call, after the index is pushed by digest and before the first tag moves. */
    @FunctionalInterface
    interface TagGate {
        /** False: the build has ended, move no tag. True: from now on the build cannot be cancelled. */
        boolean open() throws InterruptedException;
    }

    /**
     * Publishes.
     *
     * @param tags to be moved: the build's, without those that a newer build has moved
     */
    Publication publish(BuildSnapshot build, List<ImageReference> tags, Attachments attachments, TagGate gate)
            throws InterruptedException;
}
