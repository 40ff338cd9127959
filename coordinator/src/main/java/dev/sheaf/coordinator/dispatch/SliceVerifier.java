package dev.sheaf.coordinator.dispatch;

import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.image.Digest;

/** Reads back from the registry what an agent says it pushed. Called on a virtual thread, may block. */
@FunctionalInterface
public interface SliceVerifier {
    /** What it found. */
    sealed interface Verdict {
        /** It is what was asked for. */
        record Verified(VerifiedSlice image) implements Verdict {}

        /** The registry could not be asked: trying again may help. */
        record Unavailable(Failure failure) implements Verdict {}

        /** It is not what was asked for, or the registry will not show it: ends the build. */
        record Refused(Failure failure) implements Verdict {}
    }

    Verdict verify(BuildRequest request, SliceId slice, Digest pushed, Attachments attachments)
            throws InterruptedException;
}
