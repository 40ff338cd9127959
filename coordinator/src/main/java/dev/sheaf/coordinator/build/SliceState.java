package dev.sheaf.coordinator.build;

import dev.sheaf.image.Digest;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * State of a slice. The arrows are in {@link Stage#next()}:
 *
 * <pre>
 * Queued → Leased → Running → Verifying → Built
 *   ↑________|_________|          |
 * (attempt lost)     every open state → Failed | Cancelled
 * </pre>
 */
public sealed interface SliceState {
    /** Waits for an agent. */
    record Queued() implements SliceState {}

    /** Given to an agent that has not said yet that it works on it. */
    record Leased(AgentId agent, long fence) implements SliceState {}

    /** The agent works on it. */
    record Running(AgentId agent, long fence) implements SliceState {}

    /** The agent says it pushed, and holds no lease any more; the registry is asked. */
    record Verifying(AgentId agent, long fence, Digest digest) implements SliceState {}

    /**
     * Done.
     *
     * @param image what the registry holds; empty if the build does not push
     */
    record Built(Optional<VerifiedSlice> image) implements SliceState {}

    /** Failed for good. */
    record Failed(Failure failure) implements SliceState {}

    /** The build ended before this slice did. */
    record Cancelled() implements SliceState {}

    /** The name of this state. */
    default Stage stage() {
        return switch (this) {
            case Queued _ -> Stage.QUEUED;
            case Leased _ -> Stage.LEASED;
            case Running _ -> Stage.RUNNING;
            case Verifying _ -> Stage.VERIFYING;
            case Built _ -> Stage.BUILT;
            case Failed _ -> Stage.FAILED;
            case Cancelled _ -> Stage.CANCELLED;
        };
    }

    /** The states by name, and the table of transitions. */
    enum Stage {
        QUEUED,
        LEASED,
        RUNNING,
        VERIFYING,
        BUILT,
        FAILED,
        CANCELLED;

        /** Where a slice in this stage may go; nowhere from a terminal one. */
        public Set<Stage> next() {
            return switch (this) {
                case QUEUED -> EnumSet.of(LEASED, FAILED, CANCELLED);
                case LEASED, RUNNING -> attemptEnds(this);
                case VERIFYING -> EnumSet.of(BUILT, FAILED, CANCELLED);
                // Back only if the registry has lost what it held before the tags move.
                case BUILT -> EnumSet.of(QUEUED);
                case FAILED, CANCELLED -> EnumSet.noneOf(Stage.class);
            };
        }

        /** The slice is done: left only if the registry loses what was built. */
        public boolean isTerminal() {
            return compareTo(BUILT) >= 0;
        }

        private static Set<Stage> attemptEnds(Stage from) {
            Set<Stage> next = EnumSet.of(QUEUED, VERIFYING, BUILT, FAILED, CANCELLED);
            if (from == LEASED) {
                next.add(RUNNING);
            }
            return next;
        }
    }
}
