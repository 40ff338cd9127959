package dev.sheaf.coordinator.queue;

/** What goes wrong in a simulated farm. */
enum Fault {
    MESSAGE_LOST,
    MESSAGE_LATE,
    MESSAGE_TWICE,
    AGENT_CRASHED,
    AGENT_AWAY,
    AGENT_PAUSED,
    /** A process that another has replaced calls once more. */
    AGENT_RETURNED,
    COORDINATOR_CRASHED,
    /** Decided, not kept, told to nobody. */
    BATCH_LOST,
    /** Kept, and told to nobody. */
    BATCH_UNTOLD,
    COORDINATOR_PAUSED,
    /** Another coordinator leads while the one before is paused. */
    TAKEOVER,
    APPEND_REFUSED,
    STORE_AWAY,
    CLIENT_GONE,
    REGISTRY_CRASHED,
    REGISTRY_ERROR,
    TAG_BROKEN,
    TAG_LATE,
    /** A registry refuses to move a tag, for good. */
    TAG_REFUSED,
    ANSWER_LOST,
    MANIFEST_COLLECTED
}
