package dev.sheaf.agent.engine.classic;

/** An image did not get from the classic store into a registry. */
public final class PushFailure extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean engines;

    private PushFailure(String message, boolean engines) {
        super(message);
        this.engines = engines;
    }

    /** The registry's answer, in the engine's words. */
    static PushFailure ofRegistry(String repository, String said) {
        return new PushFailure("failed to push " + repository + ": " + said, false);
    }

    static PushFailure ofEngine(String said) {
        return new PushFailure(said, true);
    }

    /** Whether it is the engine that failed, and not the registry. */
    public boolean isEngines() {
        return engines;
    }
}
