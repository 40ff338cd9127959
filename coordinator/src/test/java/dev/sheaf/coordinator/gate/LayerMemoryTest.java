package dev.sheaf.coordinator.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordinator.store.StoreException;
import dev.sheaf.coordinator.store.sql.Database;
import dev.sheaf.coordinator.store.sqlite.SqliteStore;
import dev.sheaf.image.Digest;
import dev.sheaf.image.layer.LayerFacts;
import dev.sheaf.testregistry.LayerBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LayerMemoryTest {
    @TempDir
    private Path directory;

    private final AtomicLong seconds = new AtomicLong();
    private final InstantSource clock = () -> Instant.ofEpochSecond(seconds.incrementAndGet());

    @Test
    void put_isThereAfterARestart() throws Exception {
        LayerFacts facts = facts("a");
        try (LayerMemory memory = open(1 << 20)) {
            memory.put(facts);
            assertThat(memory.get(facts.digest())).contains(facts);
        }
        try (LayerMemory memory = open(1 << 20)) {
            assertThat(memory.get(facts.digest())).hasValueSatisfying(found -> {
                assertThat(found.digest()).isEqualTo(facts.digest());
                assertThat(found.files()).isEqualTo(facts.files());
                assertThat(found.bytes()).isEqualTo(facts.bytes());
            });
            assertThat(memory.get(Digest.of(new byte[] {1}))).isEmpty();
        }
    }

    @Test
    void close_letsGoOfTheFile_andWhoStillAsksIsNotHeldUp() throws Exception {
        LayerFacts facts = facts("a");
        LayerMemory memory = open(1 << 20);
        memory.put(facts);
        assertThat(directory.resolve("layers.db-wal")).exists();

        memory.close();

        assertThat(directory.resolve("layers.db-wal")).doesNotExist();
        assertThat(memory.get(Digest.of(new byte[] {1}))).isEmpty();
        memory.put(facts("b"));
        memory.close();
        try (LayerMemory next = open(1 << 20)) {
            assertThat(next.get(facts.digest())).isPresent();
            assertThat(next.get(facts("b").digest())).isEmpty();
        }
    }

    @Test
    void afterClose_theDatabaseIsNotAskedAgain() throws Exception {
        AtomicLong runs = new AtomicLong();
        Database database = SqliteStore.layers(directory);
        LayerMemory memory = new LayerMemory(
                new Database() {
                    @Override
                    public <T> T run(Work<T> work) throws SQLException {
                        runs.incrementAndGet();
                        return database.run(work);
                    }

                    @Override
                    public boolean isPassing(SQLException failure) {
                        return database.isPassing(failure);
                    }

                    @Override
                    public StoreException explain(SQLException failure) {
                        return database.explain(failure);
                    }

                    @Override
                    public void close() {
                        database.close();
                    }
                },
                clock);
        memory.put(facts("a"));
        assertThat(runs).hasValue(1);
        memory.close();
        memory.put(facts("b"));
        assertThat(memory.get(Digest.of(new byte[] {1}))).isEmpty();
        assertThat(runs).as("it would only fill the log at each stop").hasValue(1);
    }

    @Test
    void whatWasUsedLongestAgo_goesFirst() throws Exception {
        LayerFacts first = facts("a");
        LayerFacts second = facts("b");
        LayerFacts third = facts("c");
        try (LayerMemory memory = open(1 << 20)) {
            memory.put(first);
            memory.put(second);
        }
        long room = stored(); // for two of them
        try (LayerMemory memory = open(room)) {
            assertThat(memory.get(first.digest())).isPresent();
            memory.put(third);
        }
        try (LayerMemory memory = open(room)) {
            assertThat(memory.get(first.digest())).isPresent();
            assertThat(memory.get(second.digest())).isEmpty();
            assertThat(memory.get(third.digest())).isPresent();
        }
    }

    @Test
    void aDamagedFile_isMadeAnew() throws Exception {
        LayerFacts facts = facts("a");
        try (LayerMemory memory = open(1 << 20)) {
            memory.put(facts);
        }
        Files.write(
                directory.resolve("layers.db"),
                "this is no database".repeat(500).getBytes(StandardCharsets.UTF_8));

        try (LayerMemory memory = open(1 << 20)) {
            assertThat(memory.get(facts.digest())).isEmpty();
            memory.put(facts);
        }
        try (LayerMemory memory = open(1 << 20)) {
            assertThat(memory.get(facts.digest())).isPresent();
        }
    }

    private LayerMemory open(long diskBytes) {
        return new LayerMemory(SqliteStore.layers(directory), clock, diskBytes);
    }

    private long stored() throws Exception {
        try (var database = SqliteStore.layers(directory)) {
            return database.run(connection -> {
                try (var statement = connection.createStatement();
                        var row = statement.executeQuery("SELECT SUM(bytes) FROM layers")) {
                    row.next();
                    return row.getLong(1);
                }
            });
        }
    }

    private static LayerFacts facts(String name) {
        return new LayerBytes().symlink("bin/" + name, "/sbin/" + name).facts();
    }
}
