package dev.sheaf.coordinator.identity;

import dev.sheaf.image.Platform;
import java.util.List;

/** Who calls. */
public sealed interface Caller {
    /**
     * An agent, by its certificate.
     *
     * @param platforms what it may offer; empty: whatever it proves
     */
    record Agent(String name, String pool, List<Platform> platforms) implements Caller {
        public Agent {
            platforms = List.copyOf(platforms);
        }
    }

    /** A person or a pipeline, by its token. */
    record User(String name, String team, boolean isOperator) implements Caller {}

    /** Whoever speaks clear text on the coordinator's own machine: may do everything. */
    record Local() implements Caller {}

    /** Whoever speaks TLS and says nothing more. */
    record Nobody() implements Caller {}
}
