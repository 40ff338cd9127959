package dev.sheaf.agent.engine;

import dev.sheaf.v1.Failure;

/** A build that did not succeed: whose fault, and where. */
public final class SolveFailure extends Exception {

    private final transient Failure failure;

    public SolveFailure(Failure failure) {
        super(failure.getMessage());
        this.failure = failure;
    }

    /** Class, one line of message, place in the Dockerfile, exit code; the platform is set. */
    public Failure failure() {
        return failure;
    }
}
