package dev.sheaf.agent.session;

import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.HeldLease;
import dev.sheaf.v1.LeaseRef;
import dev.sheaf.v1.Outcome;

/** One lease that the agent holds, and how far it is. */
sealed interface Holding {
    LeaseRef lease();

    /** As the coordinator is told it. */
    HeldLease told();

    /**
     * Given, and not renewed yet. Nothing runs: the answer that gave it may be old, a renewal shows that it is alive.
     *
     * @param since clock of arrival, nanoseconds
     */
    record Claimed(Assignment assignment, long since) implements Holding {
        @Override
        public LeaseRef lease() {
            return assignment.getLease();
        }

        @Override
        public HeldLease told() {
            return HeldLease.newBuilder().setLease(lease()).build();
        }
    }

    /**
     * At work.
     *
     * @param renewed clock when the last confirmed renewal was sent, nanoseconds
     */
    record Running(LeaseRef lease, long renewed) implements Holding {
        @Override
        public HeldLease told() {
            return HeldLease.newBuilder().setLease(lease).build();
        }
    }

    /** Over; the coordinator is told until it says that it knows. */
    record Ended(LeaseRef lease, Outcome outcome) implements Holding {
        @Override
        public HeldLease told() {
            return HeldLease.newBuilder().setLease(lease).setOutcome(outcome).build();
        }
    }
}
