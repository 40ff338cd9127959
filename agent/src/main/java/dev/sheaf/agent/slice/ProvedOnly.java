package dev.sheaf.agent.slice;

import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.Outcome;
import dev.sheaf.v1.Platform;

/**
 * The last gate before an engine, and the first after it: builds only what this host runs in the way that the slice was
 * given to it for, and believes the result only if it still does. An emulator that is registered meanwhile takes over
 * whatever program is started next.
 */
public final class ProvedOnly implements SliceRunner {
    private final SliceRunner inner;
    private final Ways offered;
    private final Ways proved;

    /** A way to run programs of a platform: natively, or emulated as the operator allowed. */
    @FunctionalInterface
    public interface Ways {
        boolean include(Platform platform, boolean emulated) throws InterruptedException;
    }

    /**
     * A gate around this runner.
     *
     * @param offered what the farm is offered now
     * @param proved what the machine proves now: looks at it
     */
    public ProvedOnly(SliceRunner inner, Ways offered, Ways proved) {
        this.inner = inner;
        this.offered = offered;
        this.proved = proved;
    }

    @Override
    public Outcome run(Assignment assignment) throws InterruptedException {
        Platform platform = assignment.getPlatform();
        boolean emulated = assignment.getEmulated();
        if (!offered.include(platform, emulated) || !proved.include(platform, emulated)) {
            return Outcomes.infrastructure(
                    assignment, "this agent does not offer " + way(assignment) + " now; nothing was built");
        }
        Outcome outcome = inner.run(assignment);
        if (outcome.hasPushed() && !proved.include(platform, emulated)) {
            return Outcomes.infrastructure(
                    assignment,
                    "this agent stopped offering " + way(assignment) + " while the slice was built; its result is not"
                            + " used");
        }
        return outcome;
    }

    private static String way(Assignment assignment) {
        String platform = assignment.getLease().getPlatform();
        return assignment.getEmulated() ? platform + " (EMULATED)" : platform;
    }
}
