package dev.sheaf.coordinator.store.sqlite;

import dev.sheaf.coordinator.store.DirectoryLock;
import dev.sheaf.coordinator.store.Store;
import dev.sheaf.coordinator.store.StoreException;
import dev.sheaf.coordinator.store.StoreException.Kind;
import dev.sheaf.coordinator.store.sql.Database;
import dev.sheaf.coordinator.store.sql.JdbcStore;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Keeps decisions in one SQLite file. */
public final class SqliteStore {
    /** The file, within the data directory. */
    public static final String FILE = "state.db";

    /** The file of identities, beside it. */
    public static final String IDENTITIES = "identities.db";

    private SqliteStore() {}

    /**
     * Opens the store of a data directory, which it makes if there is none, and holds the directory's lock until it is
     * closed.
     *
     * @throws StoreException IN_USE: another process has the directory. BROKEN: the file is damaged, or newer than this
     *     version. UNAVAILABLE: no room
     */
    public static Store open(Path dataDirectory) {
        DirectoryLock lock = DirectoryLock.take(dataDirectory);
        try {
            Path file = dataDirectory.resolve(FILE);
            create(file);
            return JdbcStore.open(SqliteDatabase.open(file, lock), 0);
        } catch (StoreException e) {
            lock.close();
            throw e;
        }
    }

    /**
     * Opens the database of identities of a data directory, which it makes if there is none. Other processes may have it
     * open too.
     *
     * @throws StoreException as {@link #open}
     */
    public static Database identities(Path dataDirectory) {
        try {
            Files.createDirectories(dataDirectory);
        } catch (IOException e) {
            throw new StoreException(Kind.BROKEN, "the directory " + dataDirectory + " cannot be made: " + e, e);
        }
        Path file = dataDirectory.resolve(IDENTITIES);
        create(file);
        return SqliteDatabase.openIdentities(file);
    }

    /** SQLite gives its other files the permissions of this one. */
    private static void create(Path file) {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException e) {
            // as on every start but the first
        } catch (IOException e) {
            throw new StoreException(Kind.BROKEN, "the file " + file + " cannot be made: " + e, e);
        }
    }
}
