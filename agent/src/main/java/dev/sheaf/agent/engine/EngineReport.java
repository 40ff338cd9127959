package dev.sheaf.agent.engine;

import dev.sheaf.v1.Platform;
import java.util.List;

/**
 * What a probe found.
 *
 * @param description one line for people: "Docker Engine 26.1.5 (containerd store), BuildKit v0.13.1"
 * @param platforms what the engine says that it runs, emulated ones included: proves nothing
 * @param problem why slices cannot be built here and what to do, one line. Empty: they can
 */
public record EngineReport(String description, List<Platform> platforms, String problem) {

    public EngineReport {
        platforms = List.copyOf(platforms);
    }

    /** Whether slices can be built here. */
    public boolean usable() {
        return problem.isEmpty();
    }
}
