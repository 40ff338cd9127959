package dev.sheaf.coordinator.queue.api;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.SliceSnapshot;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.coordinator.store.Stored;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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

    /**
     * Stitch the slices, ask for the tag gate, move the tags, and tell the queue.
     *
     * @param tags those of the build's that are to be moved
     */
    record Publish(BuildSnapshot build, List<ImageReference> tags) implements Effect {}

    /**
     * Look whether a tag points to what it was moved to, and put that right if the registry broke it or an older build
     * of ours moved it late. What somebody else moved it to stays.
     *
     * @param older indexes that it pointed to before
     */
    record CheckTag(Stored.Tag tag, Set<Digest> older) implements Effect {}

    /** The build ended: drop the secrets that were held for it in memory; its credentials are needed a while longer. */
    record ReleaseSecrets(BuildId build) implements Effect {}

    /** Drop what was held for the build in memory. */
    record Release(BuildId build) implements Effect {}

    /** Nobody can ask for the build any more. */
    record Forget(BuildId build) implements Effect {}
}
