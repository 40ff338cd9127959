package dev.sheaf.agent.engine.orphan;

import java.util.List;

/**
 * A step that nobody waits for any more.
 *
 * @param id the engine's name of it
 * @param processes at least one; the step's first one first
 */
record OrphanedStep(String id, List<Long> processes) {
    OrphanedStep {
        processes = List.copyOf(processes);
    }
}
