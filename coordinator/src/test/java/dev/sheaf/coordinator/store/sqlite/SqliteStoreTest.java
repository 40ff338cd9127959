package dev.sheaf.coordinator.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sheaf.architecture.Lab;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.coordinator.store.History;
import dev.sheaf.coordinator.store.InMemoryStore;
import dev.sheaf.coordinator.store.Store;
import dev.sheaf.coordinator.store.StoreException;
import dev.sheaf.coordinator.store.StoreException.Kind;
import dev.sheaf.coordinator.store.Stored;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteStoreTest {
    private static final int PAGE = 4096; // bytes

    @TempDir
    private Path directory = Path.of("");

    @Test
    void open_directoryOfAnotherProcess_isRefusedWithItsPid() throws Exception {
        Process first = WriterMain.start(directory);
        try (BufferedReader output = first.inputReader()) {
            assertThat(output.readLine()).isEqualTo("open");
            long start = System.nanoTime();
            StoreException refused = refused(directory);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
            assertThat(refused.kind()).isEqualTo(Kind.IN_USE);
            assertThat(refused).hasMessageContainingAll(directory.toString(), "process " + first.pid() + ":");
            assertThat(first.isAlive()).isTrue();
        } finally {
            first.destroyForcibly().waitFor();
        }
        SqliteStore.open(directory).close();
    }

    @Test
    void kill_leavesNothingThatWasUnpacked() throws Exception {
        Path unpacked = Files.createDirectory(directory.resolve("unpacked"));
        Process writer = WriterMain.start(directory.resolve("data"), "-Djava.io.tmpdir=" + unpacked);
        try (BufferedReader output = writer.inputReader()) {
            assertThat(output.readLine()).isEqualTo("open");
        } finally {
            writer.destroyForcibly().waitFor();
        }

        assertThat(unpacked).isEmptyDirectory();
    }

    @Test
    void kill_betweenAnyTwoAppends_losesNothingAcknowledged() throws Exception {
        Random random = new Random(1);
        for (int round = 0; round < 4; round++) {
            Path data = directory.resolve("round" + round);
            int acknowledged = writeAndKill(data, 1 + random.nextInt(80), random.nextInt(5));
            List<Stored> states = states(acknowledged + 1);
            try (Store store = SqliteStore.open(data)) {
                // The last one may have been kept and not been heard of.
                assertThat(canonical(store.load()))
                        .isIn(canonical(states.get(acknowledged)), canonical(states.get(acknowledged + 1)));
            }
        }
    }

    @Test
    void journal_cutAnywhere_givesWholeBatches() throws Exception {
        Path data = directory.resolve("data");
        int acknowledged = writeAndKill(data, 40, 0);
        List<Object> states = new ArrayList<>();
        states(acknowledged + 1).forEach(state -> states.add(canonical(state)));
        Path journal = data.resolve(SqliteStore.FILE + "-wal");
        long size = Files.size(journal);
        Random random = new Random(2);
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < 16; i++) {
            Path copy = Files.createDirectories(directory.resolve("copy" + i));
            Files.copy(data.resolve(SqliteStore.FILE), copy.resolve(SqliteStore.FILE));
            Path cut = Files.copy(journal, copy.resolve(journal.getFileName()));
            long at = random.nextLong(size);
            try (RandomAccessFile file = new RandomAccessFile(cut.toFile(), "rw")) {
                if (i % 2 == 0) {
                    file.setLength(at);
                } else {
                    file.seek(at);
                    int old = file.read();
                    file.seek(at);
                    file.write(old ^ (1 << random.nextInt(8)));
                }
            }
            try (Store store = SqliteStore.open(copy)) {
                int found = states.indexOf(canonical(store.load()));
                assertThat(found).isNotNegative();
                seen.add(found);
            }
        }
        assertThat(seen).hasSizeGreaterThan(5);
    }

    @Test
    void open_damagedFile_saysWhichAndStops() throws Exception {
        List<Object> stored = fill(directory);
        Path file = directory.resolve(SqliteStore.FILE);
        byte[] whole = Files.readAllBytes(file);
        assertThat(whole.length).isGreaterThan(8 * PAGE);
        byte[] wrongHead = whole.clone();
        new Random(1).nextBytes(wrongHead);
        List<byte[]> damaged = new ArrayList<>();
        damaged.add(wrongHead);
        damaged.add(Arrays.copyOf(whole, whole.length / 2));
        for (int page = 2; page < whole.length / PAGE; page += 3) {
            byte[] zeroed = whole.clone();
            Arrays.fill(zeroed, page * PAGE, (page + 1) * PAGE, (byte) 0);
            damaged.add(zeroed);
        }
        int refusals = 0;
        for (byte[] content : damaged) {
            Files.write(file, content);
            Files.deleteIfExists(directory.resolve(SqliteStore.FILE + "-wal"));
            StoreException refused = refused(directory);
            if (refused == null) { // a page that is not in use
                try (Store store = SqliteStore.open(directory)) {
                    assertThat(canonical(store.load())).isEqualTo(stored);
                }
            } else {
                refusals++;
                assertThat(refused.kind()).isEqualTo(Kind.BROKEN);
                assertThat(refused).hasMessageContaining(file.toString()).hasMessageContaining("restore it");
            }
        }
        assertThat(refusals).isGreaterThan(damaged.size() / 2);
    }

    @Test
    void load_formThatWasNeverWritten_saysWhichFile() throws Exception {
        fill(directory);
        sql("UPDATE slices SET state = '{\"state\":\"dreaming\"}'");
        try (Store store = SqliteStore.open(directory)) {
            StoreException refused = catchThrowableOfType(StoreException.class, store::load);
            assertThat(refused.kind()).isEqualTo(Kind.BROKEN);
            assertThat(refused).hasMessageContainingAll(SqliteStore.FILE, "dreaming");
        }
    }

    @Test
    void open_newerSchema_isRefusedWithBothVersions() throws Exception {
        fill(directory);
        sql("INSERT INTO schema_history SELECT 2, '7', 'later', type, 'V7__later.sql', 1, installed_by, installed_on,"
                + " 1, 1 FROM schema_history WHERE installed_rank = 1");
        StoreException refused = refused(directory);
        assertThat(refused.kind()).isEqualTo(Kind.BROKEN);
        assertThat(refused)
                .hasMessageContainingAll(SqliteStore.FILE, "schema version 7", "supports up to 1", "start a version");
    }

    @Test
    void append_fullVolume_isUnavailableUntilThereIsRoom() throws Exception {
        Path volume = Files.createDirectories(directory.resolve("volume"));
        if (run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", volume.toString()) != 0) {
            Lab.missing("a small volume is needed, and this process may not mount one");
        }
        InMemoryStore expected = new InMemoryStore();
        try (Store store = SqliteStore.open(volume.resolve("data"))) {
            Path ballast = volume.resolve("ballast");
            Files.write(ballast, new byte[3 << 20]);
            History history = new History(4);
            StoreException full = null;
            List<Decision> decisions = List.of();
            while (full == null) {
                decisions = history.next(200);
                List<Decision> next = decisions;
                full = catchThrowableOfType(StoreException.class, () -> store.append(next));
                if (full == null) {
                    expected.append(next);
                }
            }
            assertThat(full.kind()).isEqualTo(Kind.UNAVAILABLE);
            assertThat(full).hasMessageContainingAll(volume.toString(), "full");
            Files.delete(ballast);
            store.append(decisions);
            expected.append(decisions);
            assertThat(canonical(store.load())).isEqualTo(canonical(expected.load()));
        } finally {
            run("umount", volume.toString());
        }
    }

    @Test
    void open_newDirectory_makesFilesForItsOwnerOnly() throws Exception {
        fill(directory.resolve("new"));
        assertThat(Files.getPosixFilePermissions(directory.resolve("new").resolve(SqliteStore.FILE)))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    private static List<Object> fill(Path data) {
        try (Store store = SqliteStore.open(data)) {
            History history = new History(3);
            for (int i = 0; i < 20; i++) {
                store.append(history.next(60));
            }
            return canonical(store.load());
        }
    }

    /** Returns the number of the last batch that the killed process heard of. */
    private static int writeAndKill(Path data, int batches, int millis) throws Exception {
        Process writer = WriterMain.start(data);
        try (BufferedReader output = writer.inputReader()) {
            int last = 0;
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (!line.equals("open")) {
                    last = Integer.parseInt(line);
                }
                if (last >= batches) {
                    Thread.sleep(millis);
                    writer.toHandle().destroyForcibly(); // what it printed can still be read
                    batches = Integer.MAX_VALUE;
                }
            }
            return last;
        } finally {
            writer.destroyForcibly().waitFor();
        }
    }

    /** What is stored after each batch of the writer's history. */
    private static List<Stored> states(int batches) {
        List<Stored> states = new ArrayList<>(List.of(Stored.NOTHING));
        InMemoryStore store = new InMemoryStore();
        History history = new History(WriterMain.SEED);
        for (int i = 0; i < batches; i++) {
            store.append(history.next(WriterMain.MOST));
            states.add(store.load());
        }
        return states;
    }

    /** Tags have no order. */
    private static List<Object> canonical(Stored stored) {
        return List.of(stored.builds(), Set.copyOf(stored.tags()), stored.highestFence(), stored.highestOrder());
    }

    private void sql(String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve(SqliteStore.FILE));
                Statement sql = connection.createStatement()) {
            assertThat(sql.executeUpdate(statement)).isPositive();
        }
    }

    private static StoreException refused(Path data) {
        return catchThrowableOfType(StoreException.class, () -> {
            try (Store store = SqliteStore.open(data)) {
                store.load();
            }
        });
    }

    private static int run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor(10, TimeUnit.SECONDS) ? process.exitValue() : -1;
    }
}
