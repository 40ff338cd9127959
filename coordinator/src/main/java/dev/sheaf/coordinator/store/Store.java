package dev.sheaf.coordinator.store;

import java.util.List;

/**
 * Keeps decisions. The dispatcher appends the decisions of its steps, several steps at a time, before any effect of
 * them is visible to anybody; when {@code append} returns they are durable. One thread calls at a time.
 */
public interface Store extends AutoCloseable {
    /**
     * Keeps decisions, all or none, in this order.
     *
     * @throws StoreException they are not kept, or it is not known whether they are; its kind says what may be done.
     *     Calling again with the same decisions is right in either case: they are kept once
     */
    void append(List<Decision> decisions);

    /** Everything that is kept. */
    Stored load();

    @Override
    void close();
}
