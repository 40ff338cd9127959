package dev.sheaf.coordinator.store;

import java.util.List;

/**
 * Keeps decisions. The dispatcher appends the decisions of one step before any effect of the step is visible to
 * anybody; when {@code append} returns they are as durable as the store makes them.
 */
public interface Store {
    /**
     * Keeps decisions, all or none, in this order.
     *
     * @throws StoreException they may not be kept; the farm must not go on as if they were
     */
    void append(List<Decision> decisions);

    /** The largest fence ever given; 0: none. New fences are larger. */
    long highestFence();
}
