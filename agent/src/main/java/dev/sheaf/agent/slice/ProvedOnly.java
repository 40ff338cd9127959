package dev.sheaf.agent.slice;

import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.Outcome;
import dev.sheaf.v1.Platform;
import java.util.function.Predicate;

/** Refuses slices of platforms that this host does not offer at this moment: the last gate before an engine. */
public final class ProvedOnly implements SliceRunner {
    private final SliceRunner inner;
    private final Predicate<Platform> offered;

    public ProvedOnly(SliceRunner inner, Predicate<Platform> offered) {
        this.inner = inner;
        this.offered = offered;
    }

    @Override
    public Outcome run(Assignment assignment) throws InterruptedException {
        if (!offered.test(assignment.getPlatform())) {
            String platform = assignment.getLease().getPlatform();
            return Outcomes.infrastructure(
                    assignment, "this agent does not offer " + platform + " now; nothing was built");
        }
        return inner.run(assignment);
    }
}
