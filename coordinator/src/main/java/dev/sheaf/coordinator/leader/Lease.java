package dev.sheaf.coordinator.leader;

import java.util.Optional;

/**
 * What a candidate knows about who leads. Pure; times are nanoseconds of one monotonic clock.
 *
 * @param epoch in which it leads; 0: it follows
 * @param until it leads by its own judgement: from before the call that gave or renewed the lease was sent
 * @param leader another that leads; empty: nobody is known, or it leads itself
 */
record Lease(long epoch, long until, Optional<Claim.Leader> leader) {
    /** Nothing is known. */
    static final Lease NONE = new Lease(0, 0, Optional.empty());

    /** Whether it may act as the leader. */
    boolean isHeld(long now) {
        return epoch > 0 && until - now > 0;
    }

    /** After the answer to a claim that was sent then. */
    Lease claimed(long sent, Claim claim, Timing timing) {
        return switch (claim) {
            case Claim.Taken taken ->
                new Lease(taken.epoch(), sent + timing.trusted().toNanos(), Optional.empty());
            case Claim.Refused refused -> new Lease(0, 0, refused.leader());
        };
    }

    /** After the answer to a renewal that was sent then. A lease that ended meanwhile stays ended. */
    Lease renewed(long sent, boolean isKept, long now, Timing timing) {
        return isKept && isHeld(now) ? new Lease(epoch, sent + timing.trusted().toNanos(), Optional.empty()) : NONE;
    }

    /** After a call that failed, or none. */
    Lease passed(long now) {
        return epoch > 0 && !isHeld(now) ? NONE : this;
    }
}
