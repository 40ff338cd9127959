package dev.sheaf.agent.engine;

import dev.sheaf.v1.Progress;

/** Hears what happens while a slice is built. */
@FunctionalInterface
public interface SolveListener {

    /**
     * One report, in order, never two at a time. May block: then reports wait in the engine. Log data is at most 64 KiB
     * a message.
     */
    void progress(Progress progress);
}
