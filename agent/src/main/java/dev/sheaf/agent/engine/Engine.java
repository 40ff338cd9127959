package dev.sheaf.agent.engine;

/** A BuildKit that builds slices. Safe for use by many threads; builds run side by side. */
public interface Engine extends AutoCloseable {

    /**
     * Asks the engine who it is, and has it build nothing from scratch to learn whether it can do what slices need.
     * An engine that is away or unfit is an answer too: {@link EngineReport#problem()}; the builds that run on an engine
     * that does not answer fail then, with that problem.
     */
    EngineReport probe() throws InterruptedException;

    /** Whether the engine that was probed still answers: a small question, within seconds. */
    boolean answers();

    /**
     * Builds, and pushes by digest if the request names repositories. Interrupting the calling thread ends the build
     * on the engine, its running step included.
     *
     * @throws SolveFailure if the build or the push failed
     */
    SolveResult solve(SolveRequest request, SolveListener listener) throws SolveFailure, InterruptedException;

    /** Cuts the connection; builds that still run fail. */
    @Override
    void close();
}
