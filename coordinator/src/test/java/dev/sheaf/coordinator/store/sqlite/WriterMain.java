package dev.sheaf.coordinator.store.sqlite;

import dev.sheaf.coordinator.store.History;
import dev.sheaf.coordinator.store.Store;
import dev.sheaf.coordinator.store.StoreException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process that appends a history until it is killed, and prints the number of each batch that was acknowledged. */
public final class WriterMain {
    static final long SEED = 7;
    static final int MOST = 20; // decisions a batch

    private WriterMain() {}

    /** Argument: the data directory. */
    public static void main(String[] arguments) {
        try (Store store = SqliteStore.open(Path.of(arguments[0]))) {
            System.out.println("open");
            History history = new History(SEED);
            for (int batch = 1; ; batch++) {
                store.append(history.next(MOST));
                System.out.println(batch);
            }
        } catch (StoreException e) {
            System.out.println(e.kind() + " " + e.getMessage());
            System.exit(1);
        }
    }

    static Process start(Path directory, String... flags) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of(java));
        command.addAll(List.of(flags));
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path", "")
                        + File.pathSeparator
                        + System.getProperty("surefire.test.class.path", ""),
                WriterMain.class.getName(),
                directory.toString()));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
