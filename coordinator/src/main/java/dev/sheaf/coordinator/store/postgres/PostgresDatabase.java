package dev.sheaf.coordinator.store.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.sheaf.coordinator.leader.LeaderRow;
import dev.sheaf.coordinator.store.Store;
import dev.sheaf.coordinator.store.StoreException;
import dev.sheaf.coordinator.store.sql.Database;
import dev.sheaf.coordinator.store.sql.JdbcStore;
import dev.sheaf.coordinator.store.sql.Schema;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;

/** A farm's state in PostgreSQL: the store for the coordinator that leads, and the row that says who leads. */
public final class PostgresDatabase implements AutoCloseable {
    private static final String SCRIPTS = "dev/sheaf/coordinator/store/postgres";
    private static final int STATE_CONNECTIONS = 2;
    private static final Duration CONNECT_TIME = Duration.ofSeconds(3);
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);

    /** Within these a statement ends, also when the network is cut in the middle. */
    private static final Duration STATE_TIME = Duration.ofSeconds(12);

    /** A renewal that fails leaves time for another before the lease ends. */
    private static final Duration LEADER_TIME = Duration.ofSeconds(2);

    /**
     * What each session asks of the server. A coordinator that stops in the middle of a transaction loses its session,
     * and with it its locks, before its lease ends.
     */
    private static final String SESSION = "-c idle_in_transaction_session_timeout=5000 -c tcp_keepalives_idle=5"
            + " -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=8000";

    private static final String STATE_LIMITS = " -c lock_timeout=3000 -c statement_timeout=10000";

    /** The server gives a statement up before the client does, so that none takes the row when nobody listens. */
    private static final String LEADER_LIMITS = " -c lock_timeout=1000 -c statement_timeout=1500";

    /** A server may be set up to acknowledge commits that are not on disk. */
    private static final String REALLY_COMMIT = "SELECT set_config('synchronous_commit', 'on', false)"
            + " WHERE current_setting('synchronous_commit') = 'off'";

    private final PostgresFailures failures;
    private final HikariDataSource state;
    private final PostgresLeaderRow leader;

    private PostgresDatabase(PostgresSettings settings) {
        this.failures = new PostgresFailures(settings.name());
        this.state = pool(settings);
        // Not from the pool: that waits longer and longer between attempts while the server is gone.
        this.leader = new PostgresLeaderRow(
                "jdbc:" + settings.address(), properties(settings, LEADER_TIME, LEADER_LIMITS), failures);
    }

    /**
     * Connects, and brings the tables up to date.
     *
     * @throws StoreException UNAVAILABLE: it does not answer. BROKEN: it refuses us, or its tables are newer than this
     *     version
     */
    public static PostgresDatabase open(PostgresSettings settings) {
        PostgresDatabase database = new PostgresDatabase(settings);
        try {
            database.state.getConnection().close(); // a server that is not there has the better message here
            Schema.migrate(database.state, SCRIPTS, settings.name());
            return database;
        } catch (SQLException e) {
            database.close();
            throw database.failures.explain(e);
        } catch (StoreException e) {
            database.close();
            throw e;
        }
    }

    /**
     * The store, for the leader of this epoch. Close it before this database.
     *
     * @throws StoreException SUPERSEDED: another epoch leads
     */
    public Store store(long epoch) {
        return JdbcStore.open(new StateDatabase(), epoch);
    }

    /** The tables of identities, which all coordinators of the farm share. */
    public Database identities() {
        return new StateDatabase();
    }

    /** The row that says who leads. */
    public LeaderRow leaderRow() {
        return leader;
    }

    @Override
    public void close() {
        state.close();
        leader.close();
    }

    private static HikariDataSource pool(PostgresSettings settings) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("postgresql");
        config.setJdbcUrl("jdbc:" + settings.address());
        config.setMaximumPoolSize(STATE_CONNECTIONS);
        config.setAutoCommit(false);
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        config.setConnectionInitSql(REALLY_COMMIT);
        config.setInitializationFailTimeout(-1); // the first use says what is wrong
        config.setConnectionTimeout(CONNECT_TIME.toMillis());
        config.setValidationTimeout(Duration.ofSeconds(1).toMillis());
        config.setKeepaliveTime(KEEP_ALIVE.toMillis());
        config.setDataSourceProperties(properties(settings, STATE_TIME, STATE_LIMITS));
        return new HikariDataSource(config);
    }

    private static Properties properties(PostgresSettings settings, Duration time, String limits) {
        Properties properties = new Properties();
        settings.user().ifPresent(user -> properties.setProperty("user", user));
        settings.password().ifPresent(password -> properties.setProperty("password", password));
        properties.setProperty("ApplicationName", "sheaf-coordinator");
        properties.setProperty("connectTimeout", String.valueOf(CONNECT_TIME.toSeconds()));
        properties.setProperty("loginTimeout", String.valueOf(CONNECT_TIME.toSeconds()));
        properties.setProperty("socketTimeout", String.valueOf(time.toSeconds()));
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("targetServerType", "primary");
        properties.setProperty("options", SESSION + limits);
        properties.setProperty("stringtype", "unspecified"); // text goes into columns of JSON
        properties.setProperty("reWriteBatchedInserts", "true");
        return properties;
    }

    private final class StateDatabase implements Database {
        @Override
        public <T> T run(Work<T> work) throws SQLException {
            try (Connection connection = state.getConnection()) {
                return work.on(connection);
            }
        }

        @Override
        public boolean isPassing(SQLException failure) {
            return failures.isPassing(failure);
        }

        @Override
        public StoreException explain(SQLException failure) {
            return failures.explain(failure);
        }

        @Override
        public void close() {
            // the connections stay for the next epoch
        }
    }
}
