package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.coordinator.store.InMemoryStore;
import dev.sheaf.coordinator.store.Stored;
import java.util.List;

/** A database that keeps what the leader of the latest epoch appends, and is away at times. */
final class SimStore {
    private final World world;
    private final Invariants invariants;
    private final InMemoryStore kept = new InMemoryStore();
    private long epoch;
    private long awayUntil;

    SimStore(World world, Invariants invariants) {
        this.world = world;
        this.invariants = invariants;
    }

    /** Somebody leads from now on; returns the epoch. */
    long claim() {
        return ++epoch;
    }

    boolean isLatest(long claimed) {
        return claimed == epoch;
    }

    /** False: somebody else leads, nothing is kept. */
    boolean append(long claimed, List<Decision> decisions) {
        if (!isLatest(claimed) && !world.is(Mutant.NO_EPOCH)) {
            world.note(Fault.APPEND_REFUSED);
            return false;
        }
        kept.append(decisions);
        decisions.forEach(invariants::kept);
        return true;
    }

    Stored load() {
        return kept.load();
    }

    void goAway() {
        world.note(Fault.STORE_AWAY);
        awayUntil = world.now() + 1_000 + world.random.nextInt(9_000);
    }

    /** How long the next answer takes. */
    long delay() {
        return Math.max(awayUntil - world.now(), 0) + 1 + world.random.nextInt(4);
    }

    boolean isAway() {
        return world.now() < awayUntil;
    }
}
