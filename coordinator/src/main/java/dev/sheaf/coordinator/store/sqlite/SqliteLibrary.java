package dev.sheaf.coordinator.store.sqlite;

import dev.sheaf.coordinator.store.StoreException;
import dev.sheaf.coordinator.store.StoreException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.sqlite.SQLiteJDBCLoader;

/**
 * SQLite itself, which the driver copies out of its jar to load it. The copy is removed at once: a process that is killed
 * would leave it, one megabyte each time.
 */
final class SqliteLibrary {
    private static final String DIRECTORY = "org.sqlite.tmpdir";
    private static boolean isLoaded;

    private SqliteLibrary() {}

    /** Loads it, if that was not done before; throws {@link StoreException} if it cannot be. */
    static synchronized void load() {
        // Whoever says where the driver finds it wants no copy.
        if (isLoaded || System.getProperty("org.sqlite.lib.path") != null) {
            return;
        }
        try {
            Path copy = Files.createTempDirectory("sheaf-sqlite");
            System.setProperty(DIRECTORY, copy.toString());
            try {
                isLoaded = SQLiteJDBCLoader.initialize();
            } finally {
                System.clearProperty(DIRECTORY);
                remove(copy);
            }
        } catch (Exception e) { // as the driver declares it
            throw new StoreException(
                    Kind.BROKEN,
                    "SQLite cannot be loaded: " + e.getMessage() + "; give the JVM another directory for what it"
                            + " unpacks: SHEAF_JVM_OPTS=-Djava.io.tmpdir=DIR",
                    e);
        }
    }

    private static void remove(Path directory) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(directory)) {
            files = found.toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
        Files.delete(directory);
    }
}
