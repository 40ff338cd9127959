package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.SliceSnapshot;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.image.Digest;
import dev.sheaf.image.Platform;
import java.util.Optional;

/** What a step of the queue wants done in the world; the decisions of a step are kept before the rest is done. */
public sealed interface Effect {
    /** Remember this. */
    record Keep(Decision decision) implements Effect {}

    /** Tell that a build's state changed. */
    record BuildChanged(BuildSnapshot build) implements Effect {}

    /** Tell that a slice's state changed. */
    record SliceChanged(SliceSnapshot slice) implements Effect {}

    /** A line for the user. */
    record Notice(BuildId build, Optional<Platform> platform, String text) implements Effect {}

    /** Read back what the holder of this lease says it pushed, and tell the queue. */
    record Verify(BuildRequest request, LeaseId lease, Digest digest) implements Effect {}

    /** Stitch the slices, ask for the tag gate, move the tags, and tell the queue. */
    record Publish(BuildSnapshot build) implements Effect {}

    /** The build ended: drop what was held for it in memory. */
    record Release(BuildId build) implements Effect {}

    /** Nobody can ask for the build any more. */
    record Forget(BuildId build) implements Effect {}
}
