package dev.sheaf.agent.session;

import dev.sheaf.v1.Assignment;

/** What the shell around {@link SessionState} has to do. */
sealed interface Effect {
    /** Begin this attempt. Given once for each lease. */
    record Start(Assignment assignment) implements Effect {}

    /** End this attempt; how it ends does not matter any more. */
    record Stop(long fence, String reason) implements Effect {}
}
