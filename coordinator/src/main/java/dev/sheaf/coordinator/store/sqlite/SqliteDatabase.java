package dev.sheaf.coordinator.store.sqlite;

import dev.sheaf.coordinator.store.DirectoryLock;
import dev.sheaf.coordinator.store.StoreException;
import dev.sheaf.coordinator.store.StoreException.Kind;
import dev.sheaf.coordinator.store.sql.Database;
import dev.sheaf.coordinator.store.sql.Schema;
import dev.sheaf.coordinator.store.sql.StoredFormException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.LockingMode;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteConfig.TransactionMode;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** One file, one connection of this process. A commit returns after fsync. */
final class SqliteDatabase implements Database {
    private static final String SCRIPTS = "dev/sheaf/coordinator/store/sqlite";
    private static final String IDENTITY_SCRIPTS = "dev/sheaf/coordinator/identity/sqlite";
    private static final String LAYER_SCRIPTS = "dev/sheaf/coordinator/gate/sqlite";
    private static final int BUSY_MILLIS = 500; // longer than anybody else holds the file

    private final Path file;
    private final LockingMode locking;
    private final @Nullable DirectoryLock lock;
    private @Nullable Connection connection;

    private SqliteDatabase(Path file, LockingMode locking, @Nullable DirectoryLock lock) {
        this.file = file;
        this.locking = locking;
        this.lock = lock;
    }

    /** Opens and checks the file, which is this process's alone, and brings its tables up to date. */
    static SqliteDatabase open(Path file, DirectoryLock lock) {
        // Exclusive: no index shared in mapped memory, which a full disk would turn into a crash.
        return open(new SqliteDatabase(file, LockingMode.EXCLUSIVE, lock), SCRIPTS);
    }

    /** Opens the file of identities, which a command on this machine may change beside the coordinator. */
    static SqliteDatabase openIdentities(Path file) {
        return open(new SqliteDatabase(file, LockingMode.NORMAL, null), IDENTITY_SCRIPTS);
    }

    /** Opens the file of what layers hold. */
    static SqliteDatabase openLayers(Path file) {
        return open(new SqliteDatabase(file, LockingMode.EXCLUSIVE, null), LAYER_SCRIPTS);
    }

    private static SqliteDatabase open(SqliteDatabase database, String scripts) {
        Path file = database.file;
        SqliteLibrary.load();
        try {
            Schema.migrate(source(file, LockingMode.NORMAL), scripts, file.toString());
            return database.run(connection -> {
                check(connection);
                connection.rollback();
                return database;
            });
        } catch (SQLException e) {
            throw explain(e, file);
        }
    }

    private Connection connected() throws SQLException {
        if (connection == null) {
            connection = source(file, locking).getConnection();
        }
        return connection;
    }

    /**
     * Where others write too, a lock is taken with the first statement only: the driver begins the next transaction as
     * soon as one has ended.
     */
    private static SQLiteDataSource source(Path file, LockingMode locking) {
        SQLiteConfig config = new SQLiteConfig();
        config.setLockingMode(locking);
        config.setJournalMode(JournalMode.WAL);
        config.setSynchronous(SynchronousMode.FULL);
        config.setTransactionMode(
                locking == LockingMode.EXCLUSIVE ? TransactionMode.IMMEDIATE : TransactionMode.DEFERRED);
        config.setBusyTimeout(BUSY_MILLIS);
        config.enforceForeignKeys(true);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return source;
    }

    private static void check(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("PRAGMA quick_check(1)")) {
            if (found.next() && !found.getString(1).equals("ok")) {
                throw new SQLiteException(found.getString(1), SQLiteErrorCode.SQLITE_CORRUPT);
            }
        }
    }

    @Override
    public <T> T run(Work<T> work) throws SQLException {
        Connection current = connected();
        current.setAutoCommit(false);
        try {
            return work.on(current);
        } catch (SQLException | RuntimeException e) {
            // SQLite may have ended the transaction by itself, which the driver does not see: it would go on without
            // one. A new connection has no past.
            discard(e);
            throw e;
        }
    }

    private void discard(Exception reason) {
        Connection old = connection;
        connection = null;
        try {
            if (old != null) {
                old.close();
            }
        } catch (SQLException e) {
            reason.addSuppressed(e);
        }
    }

    @Override
    public boolean isPassing(SQLException failure) {
        return false; // one connection, which waits by itself
    }

    @Override
    public StoreException explain(SQLException failure) {
        return explain(failure, file);
    }

    @Override
    public void close() {
        try (lock) {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            throw explain(e);
        }
    }

    private static StoreException explain(SQLException failure, Path file) {
        if (failure instanceof StoredFormException) {
            return new StoreException(
                    Kind.BROKEN,
                    "the state in " + file + " is damaged: " + failure.getMessage() + "; restore it from a copy",
                    failure);
        }
        int code =
                failure instanceof SQLiteException known ? known.getResultCode().code & 0xff : failure.getErrorCode();
        return switch (SQLiteErrorCode.getErrorCode(code)) {
            case SQLITE_FULL ->
                new StoreException(
                        Kind.UNAVAILABLE, "the volume of " + file + " is full: free some space on it", failure);
            case SQLITE_BUSY, SQLITE_LOCKED ->
                new StoreException(Kind.UNAVAILABLE, file + " is held by another program: close that program", failure);
            case SQLITE_CORRUPT, SQLITE_NOTADB ->
                new StoreException(
                        Kind.BROKEN,
                        "the state in " + file + " is damaged (" + failure.getMessage() + "): restore it from a copy",
                        failure);
            case SQLITE_IOERR ->
                new StoreException(
                        Kind.BROKEN,
                        "reading or writing " + file + " failed (" + failure.getMessage()
                                + "): check the disk, then start the coordinator anew",
                        failure);
            default ->
                new StoreException(
                        Kind.BROKEN, "the state in " + file + " cannot be used: " + failure.getMessage(), failure);
        };
    }
}
