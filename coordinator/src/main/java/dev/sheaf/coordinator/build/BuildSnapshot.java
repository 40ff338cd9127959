package dev.sheaf.coordinator.build;

import dev.sheaf.image.Descriptor;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A build as it stands at one moment.
 *
 * @param slices one for each platform, in the order of the request
 * @param result how it ended; empty parts: not ended, or not that way
 */
public record BuildSnapshot(
        BuildId id,
        BuildState state,
        BuildRequest request,
        List<SliceSnapshot> slices,
        Instant submitted,
        Result result) {

    /**
     * How a build ended.
     *
     * @param index set when the build has succeeded and pushed
     * @param failure set when the build has failed: the one that ended it
     */
    public record Result(Optional<Instant> ended, Optional<Descriptor> index, Optional<Failure> failure) {
        /** Not ended. */
        public static final Result OPEN = new Result(Optional.empty(), Optional.empty(), Optional.empty());
    }

    public BuildSnapshot {
        slices = List.copyOf(slices);
    }
}
