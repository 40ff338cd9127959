package dev.sheaf.coordinator.leader;

import dev.sheaf.coordinator.store.StoreException;
import java.time.Duration;

/** One row in a database that all candidates reach. Time is the database's. Every method may throw {@link StoreException}. */
public interface LeaderRow {
    /** Takes the row for a time, with a new epoch, if no lease of another candidate lasts. */
    Claim claim(Candidate candidate, Duration time);

    /** Keeps the row for a time from now; false: another has taken it. */
    boolean renew(Candidate candidate, long epoch, Duration time);

    /** Gives the row free, if the candidate has it. */
    void release(Candidate candidate, long epoch);
}
