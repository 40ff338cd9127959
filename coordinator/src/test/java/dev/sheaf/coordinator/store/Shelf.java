package dev.sheaf.coordinator.store;

import java.sql.SQLException;

/** Where a store under test keeps its decisions. */
public interface Shelf extends AutoCloseable {
    /** Opens the store that is there; the one opened before is closed, or its process gone. */
    Store open();

    @Override
    void close() throws SQLException;
}
