package dev.sheaf.coordinator.leader;

import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Who hears of changes: one at a time, in order, on one thread that may take its time. */
public interface Followers {
    /**
     * This coordinator leads, in this epoch, as long as the election says so.
     *
     * @param reaches whether it leads for longer than a request takes to arrive: asked before each request to somebody
     *     who does not know of epochs
     */
    void lead(long epoch, BooleanSupplier reaches);

    /** This coordinator does not lead. Empty: nobody is known to. */
    void follow(Optional<Claim.Leader> leader);
}
