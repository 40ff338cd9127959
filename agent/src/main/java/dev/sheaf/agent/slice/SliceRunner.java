package dev.sheaf.agent.slice;

import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.Outcome;

/** Runs one attempt of one slice to its end. */
@FunctionalInterface
public interface SliceRunner {
    /**
     * Blocks until the attempt is over.
     *
     * @throws InterruptedException the attempt was to be stopped, and is
     */
    Outcome run(Assignment assignment) throws InterruptedException;
}
