package dev.sheaf.coordinator.store;

import java.util.List;

/** Keeps decisions as long as the process lives: for a farm that may forget, and for tests. */
public final class InMemoryStore implements Store {
    private final Ledger ledger = new Ledger();

    @Override
    public synchronized void append(List<Decision> decisions) {
        decisions.forEach(ledger::apply);
    }

    @Override
    public synchronized Stored load() {
        return ledger.stored();
    }

    @Override
    public void close() {
        // nothing is held
    }
}
