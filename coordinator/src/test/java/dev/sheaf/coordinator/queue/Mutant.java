package dev.sheaf.coordinator.queue;

/** A bug planted around the queue, which the simulation must notice. */
enum Mutant {
    NONE,
    /** Leases end at the coordinator before agents stop by themselves. */
    SHORT_LEASE,
    /** Agents believe that leases live far longer than they do. */
    NO_SELF_FENCE,
    /** A delayed call is taken for a new one. */
    NO_SEQUENCE,
    FENCE_REUSE,
    SAME_AGENT_RETRY,
    ENDLESS_ATTEMPTS,
    NO_IDEMPOTENCY,
    /** Tags move although the build was cancelled meanwhile. */
    CANCEL_RACE,
    /** Cancel is acknowledged and not done. */
    CANCEL_IGNORED,
    NO_SLOT_COUNT,
    /** Stitches as soon as the first slice is built. */
    NO_COMPLETENESS,
    /** Believes what agents say they pushed. */
    NO_VERIFICATION,
    NO_EXPIRY,
    USER_FAILURE_RETRIED
}
