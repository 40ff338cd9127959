package dev.sheaf.coordinator.dispatch;

import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import java.util.List;

/** Stitches the slices of a build, all of them built, and moves its tags. Called on a virtual thread, may block. */
@FunctionalInterface
public interface IndexPublisher {
    /** How it went. */
    sealed interface Publication {
        /** The index is pushed, read back, and every tag points to it. */
        record Published(Descriptor index) implements Publication {}

        /** Trying again may help, and is harmless: whatever of it is done already stays as it is. */
        record Unavailable(Failure failure) implements Publication {}

        /** Trying again does not help: ends the build. */
        record Refused(Failure failure) implements Publication {}

        /**
         * The registry has lost what was verified; no tag was moved.
         *
         * @param missing the slices that would have to be built again
         */
        record Incomplete(List<Platform> missing, Failure failure) implements Publication {
            public Incomplete {
                missing = List.copyOf(missing);
            }
        }

        /** The gate was closed: the build has ended meanwhile. */
        record Abandoned() implements Publication {}
    }

    /** Asked once per call, after the index is pushed by digest and before the first tag moves. */
    interface TagGate {
        /** False: the build has ended, move no tag. True: from now on the build cannot be cancelled. */
        boolean open(Digest index) throws InterruptedException;

        /** The tag was read back: it points to the index. The others may not follow. */
        void moved(ImageReference tag, Digest index);

        /** A line for the user. */
        void notice(String text);
    }

    /**
     * Publishes.
     *
     * @param tags to be moved: the build's, without those that a newer build has moved
     */
    Publication publish(BuildSnapshot build, List<ImageReference> tags, Attachments attachments, TagGate gate)
            throws InterruptedException;
}
