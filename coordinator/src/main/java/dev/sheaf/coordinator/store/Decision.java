package dev.sheaf.coordinator.store;

import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.build.SliceState;
import java.time.Instant;

/** What the farm must remember. Renewals, credentials, secrets and output are not among it. */
public sealed interface Decision {
    /** The build it is about. */
    BuildId build();

    /** A build was accepted: it ends in exactly one terminal state. */
    record Accepted(BuildId build, BuildRequest request, Instant at) implements Decision {}

    /** A slice was given to an agent. */
    record Leased(LeaseId lease, AgentId agent, String incarnation, int attempt) implements Decision {
        @Override
        public BuildId build() {
            return lease.build();
        }
    }

    /** A slice left the hands of its agent: it is queued again, verified, or ended. */
    record SliceMoved(SliceId slice, SliceState state) implements Decision {
        @Override
        public BuildId build() {
            return slice.build();
        }
    }

    /** The tags of a build move from now on; it cannot be cancelled any more. */
    record TagsMove(BuildId build) implements Decision {}

    /** A build ended. */
    record Ended(BuildSnapshot last) implements Decision {
        @Override
        public BuildId build() {
            return last.id();
        }
    }
}
