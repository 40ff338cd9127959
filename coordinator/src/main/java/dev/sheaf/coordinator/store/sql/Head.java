package dev.sheaf.coordinator.store.sql;

import dev.sheaf.coordinator.store.Decision;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/**
 * The one row that every append changes.
 *
 * @param epoch of the leader; 0 where there is no choice
 * @param batch number of the last append
 */
record Head(long epoch, long batch, long highestFence, long highestOrder) {
    static Head read(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(Sql.READ_HEAD.text());
                ResultSet row = statement.executeQuery()) {
            if (!row.next()) {
                throw new SQLException("the table head has no row");
            }
            return new Head(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
        }
    }

    /** Moves on from this epoch and batch; false, and nothing is changed: the head is elsewhere. */
    static boolean advance(Connection connection, long epoch, long batch, List<Decision> decisions)
            throws SQLException {
        long fence = 0;
        long order = 0;
        for (Decision decision : decisions) {
            if (decision instanceof Decision.Leased leased) {
                fence = Math.max(fence, leased.lease().fence());
            } else if (decision instanceof Decision.Accepted accepted) {
                order = Math.max(order, accepted.order());
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(Sql.ADVANCE_HEAD.text())) {
            statement.setLong(1, fence);
            statement.setLong(2, fence);
            statement.setLong(3, order);
            statement.setLong(4, order);
            statement.setLong(5, epoch);
            statement.setLong(6, batch);
            return statement.executeUpdate() == 1;
        }
    }
}
