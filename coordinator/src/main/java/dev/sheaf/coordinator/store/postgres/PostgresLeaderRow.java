package dev.sheaf.coordinator.store.postgres;

import dev.sheaf.coordinator.leader.Candidate;
import dev.sheaf.coordinator.leader.Claim;
import dev.sheaf.coordinator.leader.LeaderRow;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** The row, judged by the clock of the database, over a connection of its own. */
final class PostgresLeaderRow implements LeaderRow, AutoCloseable {
    private static final String TAKE = text("take.sql");
    private static final String RENEW = text("renew.sql");
    private static final String RELEASE = text("release.sql");
    private static final String CURRENT = text("current.sql");

    private final String url;
    private final Properties properties;
    private final PostgresFailures failures;

    /** Null: none yet, or the last one failed. */
    private @Nullable Connection connection;

    PostgresLeaderRow(String url, Properties properties, PostgresFailures failures) {
        this.url = url;
        this.properties = properties;
        this.failures = failures;
    }

    @Override
    public Claim claim(Candidate candidate, Duration time) {
        return run(connection -> {
            try (PreparedStatement take = connection.prepareStatement(TAKE)) {
                take.setString(1, candidate.id());
                take.setString(2, candidate.address());
                take.setLong(3, time.toMillis());
                take.setString(4, candidate.id());
                try (ResultSet row = take.executeQuery()) {
                    if (row.next()) {
                        return new Claim.Taken(row.getLong(1));
                    }
                }
            }
            try (PreparedStatement current = connection.prepareStatement(CURRENT);
                    ResultSet row = current.executeQuery()) {
                return new Claim.Refused(
                        row.next()
                                ? Optional.of(new Claim.Leader(row.getLong(1), row.getString(2), row.getString(3)))
                                : Optional.empty());
            }
        });
    }

    @Override
    public boolean renew(Candidate candidate, long epoch, Duration time) {
        return run(connection -> {
            try (PreparedStatement renew = connection.prepareStatement(RENEW)) {
                renew.setLong(1, time.toMillis());
                renew.setLong(2, epoch);
                renew.setString(3, candidate.id());
                return renew.executeUpdate() == 1;
            }
        });
    }

    @Override
    public void release(Candidate candidate, long epoch) {
        run(connection -> {
            try (PreparedStatement release = connection.prepareStatement(RELEASE)) {
                release.setLong(1, epoch);
                release.setString(2, candidate.id());
                return release.executeUpdate();
            }
        });
    }

    @FunctionalInterface
    private interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    private synchronized <T> T run(Work<T> work) {
        try {
            Connection current = connection;
            if (current == null) {
                current = DriverManager.getConnection(url, properties);
                connection = current;
            }
            return work.on(current);
        } catch (SQLException e) {
            close();
            throw failures.explain(e);
        }
    }

    @Override
    public synchronized void close() {
        Connection old = connection;
        connection = null;
        try {
            if (old != null) {
                old.close();
            }
        } catch (SQLException e) {
            // the server ends the session by itself
        }
    }

    private static String text(String file) {
        try (InputStream stream = Objects.requireNonNull(PostgresLeaderRow.class.getResourceAsStream(file), file)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
