package dev.sheaf.coordinator.leader;

import java.util.Optional;

/** Who hears of changes: one at a time, in order, on one thread that may take its time. */
public interface Followers {
    /** This coordinator leads, in this epoch, as long as the election says so. */
    void lead(long epoch);

    /** This coordinator does not lead. Empty: nobody is known to. */
    void follow(Optional<Claim.Leader> leader);
}
