package dev.sheaf.coordinator.store;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import java.time.Instant;
import java.util.Optional;

/** What the farm must remember. Renewals, credentials, secrets and output are not among it. */
public sealed interface Decision {
    /** The build it is about. */
    BuildId build();

    /**
     * A build was accepted: it ends in exactly one terminal state.
     *
     * @param order its place among all builds that the farm ever accepted: larger for each
     * @param hasAttachments it brought credentials or secrets, which are not stored: without them it cannot go on
     */
    record Accepted(BuildId build, long order, BuildRequest request, boolean hasAttachments, Instant at)
            implements Decision {}

    /** A slice was given to an agent. */
    record Leased(LeaseId lease, Stored.Holder holder, int attempt, Instant at) implements Decision {
        @Override
        public BuildId build() {
            return lease.build();
        }
    }

    /**
     * A slice left the hands of its agent: it is queued again, verified, or ended. Never leased or running.
     *
     * @param takenFrom who built it, if an earlier build did; empty: nobody but the holders of its own attempts
     */
    record SliceMoved(SliceId slice, SliceState state, Optional<Stored.Holder> takenFrom, Instant at)
            implements Decision {
        @Override
        public BuildId build() {
            return slice.build();
        }
    }

    /**
     * The tags of a build move to this index from now on; it cannot be cancelled any more. Kept once for each index: a
     * move may arrive at its registry long after its build has failed.
     */
    record TagsMove(BuildId build, Digest index) implements Decision {}

    /** A tag points to the index of a build: seen in the registry. */
    record TagMoved(BuildId build, ImageReference tag, Digest index, Instant at) implements Decision {}

    /** What the registry loses of the build from now on is not built again: that is done once, or was not asked for. */
    record Rebuilt(BuildId build) implements Decision {}

    /** A build ended, in a terminal state. */
    record Ended(BuildId build, BuildState state, BuildSnapshot.Result result) implements Decision {}

    /** Nobody can ask for the build any more: it is forgotten, and the tags that it moved last with it. */
    record Forgotten(BuildId build) implements Decision {}
}
