package dev.sheaf.coordinator.store;

import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.build.host.Host;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a store holds: enough for another process to go on.
 *
 * @param builds those that are open and those that are remembered, by their order
 * @param tags who moved each tag last, in no order
 * @param highestFence the largest fence ever given; 0: none. New fences are larger
 * @param highestOrder the largest order ever given; 0: none. New orders are larger
 */
public record Stored(List<Build> builds, List<Tag> tags, long highestFence, long highestOrder) {
    /** A store that has kept nothing yet. */
    public static final Stored NOTHING = new Stored(List.of(), List.of(), 0, 0);

    /**
     * A build.
     *
     * @param slices one for each platform, in the order of the request
     * @param moving indexes that its tags were to be moved to; none: its tags do not move yet
     * @param rebuilt what the registry loses is not built again
     * @param end its terminal state and how it ended; empty: it is open
     */
    public record Build(
            BuildId id,
            long order,
            BuildRequest request,
            boolean hasAttachments,
            Instant submitted,
            List<Slice> slices,
            List<Digest> moving,
            boolean rebuilt,
            Optional<End> end) {
        public Build {
            slices = List.copyOf(slices);
            moving = List.copyOf(moving);
        }
    }

    /** How a build ended. */
    public record End(BuildState state, BuildSnapshot.Result result) {}

    /**
     * A slice.
     *
     * @param state never running: what an agent holds is leased
     * @param attempts begun so far
     * @param holder of the last attempt, or of the one of an earlier build that this slice was taken over from; empty:
     *     none yet
     */
    public record Slice(Platform platform, SliceState state, int attempts, Optional<Holder> holder, Times times) {}

    /**
     * Who was given an attempt.
     *
     * @param incarnation the process
     * @param startedAt when that started, in milliseconds since 1970 by the clock of its host; 0: it did not say
     * @param host of the agent, as it was then
     */
    public record Holder(AgentId agent, String incarnation, long startedAt, boolean emulated, Host host) {}

    /** When the first attempt began, and when the slice ended. */
    public record Times(Optional<Instant> started, Optional<Instant> ended) {}

    /**
     * What a tag points to.
     *
     * @param order of the build that moved it last
     */
    public record Tag(ImageReference tag, BuildId build, long order, Digest index, Instant moved) {}

    public Stored {
        builds = List.copyOf(builds);
        tags = List.copyOf(tags);
    }
}
