package dev.sheaf.coordinator.store.postgres;

import dev.sheaf.architecture.Lab;
import dev.sheaf.coordinator.leader.Candidate;
import dev.sheaf.coordinator.leader.Claim;
import dev.sheaf.coordinator.leader.LeaderRow;
import dev.sheaf.coordinator.store.Shelf;
import dev.sheaf.coordinator.store.Store;
import dev.sheaf.coordinator.store.sql.Database;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An empty database of its own in a real PostgreSQL, and the store of whoever opened it last. */
public final class PostgresShelf implements Shelf {
    private static final String NAME = "sheaf"; // user and password, in every lab

    private static final Duration LEASE = Duration.ofMinutes(10);
    private static final Candidate CANDIDATE = new Candidate("test", "127.0.0.1:1");

    private final String server;
    private final String database;
    private @Nullable PostgresDatabase open;
    private long epoch;

    private PostgresShelf(String server, String database) {
        this.server = server;
        this.database = database;
    }

    /** Skips the test if the lab has none. */
    public static PostgresShelf make() throws SQLException {
        return make(Lab.require("SHEAF_LAB_POSTGRES", "a real PostgreSQL"));
    }

    /** In this server. */
    static PostgresShelf make(String address) throws SQLException {
        String name = "test_" + Long.toUnsignedString(System.nanoTime(), Character.MAX_RADIX);
        String server = address.substring("jdbc:".length(), address.lastIndexOf('/') + 1);
        PostgresShelf shelf = new PostgresShelf(server, name);
        sql(server + NAME, "CREATE DATABASE " + name);
        return shelf;
    }

    /** Opens the store as the next leader; one that is still open is left as it is, as if it were paused. */
    @Override
    public Store open() {
        PostgresDatabase current = database();
        LeaderRow row = current.leaderRow();
        row.release(CANDIDATE, epoch);
        if (!(row.claim(CANDIDATE, LEASE) instanceof Claim.Taken taken)) {
            throw new AssertionError("the lease was given free, and could not be taken");
        }
        epoch = taken.epoch();
        return current.store(epoch);
    }

    /** The tables of identities. */
    public Database identities() {
        return database().identities();
    }

    PostgresSettings settings() {
        return settings(server);
    }

    PostgresSettings settings(String through) {
        return new PostgresSettings(through + database, Optional.of(NAME), Optional.of(NAME));
    }

    PostgresDatabase database() {
        PostgresDatabase current = open;
        if (current == null) {
            current = PostgresDatabase.open(settings());
            open = current;
        }
        return current;
    }

    void sql(String statement) throws SQLException {
        sql(server + database, statement);
    }

    private static void sql(String address, String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:" + address, NAME, NAME);
                Statement sql = connection.createStatement()) {
            sql.execute(statement);
        }
    }

    @Override
    public void close() throws SQLException {
        if (open != null) {
            open.close();
        }
        sql(server + NAME, "DROP DATABASE " + database + " WITH (FORCE)");
    }
}
