package dev.sheaf.coordinator.store.sql;

import dev.sheaf.coordinator.store.StoreException;
import java.sql.Connection;
import java.sql.SQLException;

/** A database as {@link JdbcStore} needs it. */
public interface Database extends AutoCloseable {
    /** Work on a connection. */
    @FunctionalInterface
    interface Work<T> {
        /** Does it, and leaves no transaction open. */
        T on(Connection connection) throws SQLException;
    }

    /** Lends a connection, without auto-commit. */
    <T> T run(Work<T> work) throws SQLException;

    /** Whether the same transaction may well succeed when it is run again at once. */
    boolean isPassing(SQLException failure);

    /** What a failure means, in one sentence that names the database. */
    StoreException explain(SQLException failure);

    @Override
    void close();
}
