package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.queue.api.Effect;
import dev.sheaf.coordinator.store.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the dispatcher's journal does, in virtual time: keeps steps in batches, and only then carries them out. */
final class SimJournal {
    private record Step(List<Decision> decisions, List<Effect> effects) {}

    private record Wait(long step, Runnable action) {}

    private final World world;
    private final SimStore store;
    private final SimCoordinator coordinator;
    private final List<Wait> waits = new ArrayList<>();
    private List<Step> pending = new ArrayList<>();
    private List<Decision> inFlight = List.of();
    private Optional<Runnable> fatal = Optional.empty();
    private boolean isWriting;
    private long entered;
    private long done;

    SimJournal(World world, SimStore store, SimCoordinator coordinator) {
        this.world = world;
        this.store = store;
        this.coordinator = coordinator;
    }

    /** Enters a step; returns its number. */
    long enter(List<Decision> decisions, List<Effect> effects) {
        if (decisions.isEmpty() && effects.isEmpty()) {
            return entered;
        }
        boolean isEarly = world.is(Mutant.TELL_BEFORE_KEPT);
        pending.add(new Step(decisions, isEarly ? List.of() : effects));
        if (isEarly) {
            effects.forEach(coordinator::carryOut);
        }
        entered++;
        write();
        return entered;
    }

    /** Does this once the step is kept and carried out. */
    void once(long step, Runnable action) {
        if (done >= step || world.is(Mutant.TELL_BEFORE_KEPT)) {
            action.run();
        } else {
            waits.add(new Wait(step, action));
        }
    }

    /** The process dies: what was on its way to the store may have arrived. */
    void crash() {
        List<Decision> lost = inFlight;
        inFlight = List.of();
        if (!lost.isEmpty()) {
            boolean arrived = world.random.nextBoolean() && !store.isAway();
            if (!arrived || store.append(coordinator.epoch, lost)) {
                world.note(arrived ? Fault.BATCH_UNTOLD : Fault.BATCH_LOST);
            }
        }
    }

    /** The process will die while its next batch is on its way. */
    void crashWhileWriting(Runnable crash) {
        fatal = Optional.of(crash);
    }

    boolean isIdle() {
        return !isWriting && pending.isEmpty();
    }

    private void write() {
        if (isWriting || pending.isEmpty()) {
            return;
        }
        isWriting = true;
        List<Step> batch = pending;
        pending = new ArrayList<>();
        inFlight = batch.stream().flatMap(step -> step.decisions().stream()).toList();
        if (inFlight.isEmpty()) {
            finished(batch);
        } else {
            coordinator.later(store.delay(), () -> keep(batch));
            fatal.ifPresent(crash -> coordinator.later(0, crash));
        }
    }

    private void keep(List<Step> batch) {
        if (store.isAway()) {
            coordinator.later(store.delay(), () -> keep(batch));
        } else if (store.append(coordinator.epoch, inFlight)) {
            finished(batch);
        } else {
            inFlight = List.of();
            coordinator.die();
        }
    }

    private void finished(List<Step> batch) {
        List<Decision> kept = inFlight;
        inFlight = List.of();
        batch.forEach(step -> step.effects().forEach(coordinator::carryOut));
        done += batch.size();
        isWriting = false;
        if (pending.isEmpty()) {
            coordinator.rules.matchesStore(kept);
        }
        List<Wait> due = waits.stream().filter(wait -> wait.step() <= done).toList();
        waits.removeAll(due);
        due.forEach(wait -> wait.action().run());
        write();
    }
}
