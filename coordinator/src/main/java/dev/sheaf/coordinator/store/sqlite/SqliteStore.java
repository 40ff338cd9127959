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
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps decisions in one SQLite file. */
public final class SqliteStore {
    /** The file, within the data directory. */
    public static final String FILE = "state.db";

    /** The file of identities, beside it. */
    public static final String IDENTITIES = "identities.db";

    /** The file of what layers hold, beside them. */
    public static final String LAYERS = "layers.db";

    private static final Logger LOG = LoggerFactory.getLogger(SqliteStore.class);

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

    /**
     * Opens the database in which a data directory remembers what layers hold. All in it can be read again from a
     * registry, so that one that is damaged or too new is made anew.
     */
    public static Database layers(Path dataDirectory) {
        Path file = dataDirectory.resolve(LAYERS);
        create(file);
        try {
            return SqliteDatabase.openLayers(file);
        } catch (StoreException e) {
            if (e.kind() != Kind.BROKEN) {
                throw e;
            }
            LOG.warn("what layers hold is forgotten: {}", e.getMessage());
            delete(file);
            create(file);
            return SqliteDatabase.openLayers(file);
        }
    }

    private static void delete(Path file) {
        try {
            for (String suffix : List.of("", "-wal", "-shm")) {
                Files.deleteIfExists(file.resolveSibling(file.getFileName() + suffix));
            }
        } catch (IOException e) {
            throw new StoreException(Kind.BROKEN, "the file " + file + " cannot be removed: " + e, e);
        }
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
