package dev.sheaf.coordinator.store.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** An append that was begun, by a coordinator that then stopped: it holds the head's lock. */
final class PausedTransaction implements AutoCloseable {
    private final Connection connection;

    PausedTransaction(PostgresSettings settings) throws SQLException {
        connection = DriverManager.getConnection(
                "jdbc:" + settings.address() + "?options=-c%20idle_in_transaction_session_timeout=5000",
                settings.user().orElseThrow(),
                settings.password().orElseThrow());
    }

    void begin() throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE head SET batch = batch + 1");
        }
    }

    void commit() throws SQLException {
        connection.commit();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
