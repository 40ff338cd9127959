package dev.sheaf.coordinator.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sheaf.architecture.Lab;
import dev.sheaf.coordinator.leader.Candidate;
import dev.sheaf.coordinator.leader.Claim;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.coordinator.store.History;
import dev.sheaf.coordinator.store.InMemoryStore;
import dev.sheaf.coordinator.store.Store;
import dev.sheaf.coordinator.store.StoreException;
import dev.sheaf.coordinator.store.StoreException.Kind;
import dev.sheaf.coordinator.store.Stored;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PostgresStoreTest {
    private final InMemoryStore expected = new InMemoryStore();

    @Test
    void append_olderEpoch_isRefusedAndChangesNothing() throws Exception {
        try (PostgresShelf shelf = PostgresShelf.make()) {
            Store old = shelf.open();
            History history = new History(1);
            append(old, history.next(20));
            Store leader = shelf.open();
            List<Decision> late = history.next(20);
            assertThat(kindOf(old, late)).isEqualTo(Kind.SUPERSEDED);
            assertThat(kindOf(old, late)).isEqualTo(Kind.SUPERSEDED);
            append(leader, late);
            assertSame(leader.load());
            assertThatThrownBy(() -> shelf.database().store(1)).hasMessageContaining("epoch 2");
        }
    }

    @Test
    void claim_duringAnAppendOfThePausedLeader_endsItsTransaction() throws Exception {
        try (PostgresShelf shelf = PostgresShelf.make();
                PostgresDatabase paused = PostgresDatabase.open(shelf.settings())) {
            shelf.open();
            paused.store(1).close();
            shelf.sql("UPDATE leader SET until = clock_timestamp()");
            long start = System.nanoTime();
            try (PausedTransaction transaction = new PausedTransaction(shelf.settings())) {
                transaction.begin();
                Claim claim = claimWithin(shelf, Duration.ofSeconds(20));
                assertThat(claim).isInstanceOf(Claim.Taken.class);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
                assertThatThrownBy(transaction::commit).isInstanceOf(SQLException.class);
            }
        }
    }

    private static Claim claimWithin(PostgresShelf shelf, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (true) {
            try {
                return shelf.database().leaderRow().claim(new Candidate("next", ""), Duration.ofSeconds(6));
            } catch (StoreException e) {
                assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE);
                assertThat(System.nanoTime()).isLessThan(end);
            }
        }
    }

    @Test
    void append_connectionCutAnywhere_keepsEachBatchOnce() throws Exception {
        String address = Lab.require("SHEAF_LAB_POSTGRES", "a real PostgreSQL");
        int port = URI.create(address.substring("jdbc:".length())).getPort();
        try (CuttingProxy proxy = new CuttingProxy(port);
                PostgresShelf shelf = PostgresShelf.make()) {
            shelf.open().close();
            try (PostgresDatabase database =
                            PostgresDatabase.open(shelf.settings("postgresql://127.0.0.1:" + proxy.port() + "/"));
                    Store store = database.store(1)) {
                History history = new History(1);
                Random random = new Random(1);
                for (int i = 0; i < 150; i++) {
                    List<Decision> decisions = history.next(3);
                    proxy.cutAfter(1 + random.nextInt(6));
                    StoreException failure = catchThrowableOfType(StoreException.class, () -> store.append(decisions));
                    if (failure != null) {
                        assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
                        store.append(decisions);
                    }
                    expected.append(decisions);
                }
                assertThat(proxy.cuts()).isGreaterThan(50);
                assertSame(store.load());
            }
        }
    }

    @Test
    void kill_server_losesNothingAcknowledgedAndIsRiddenOut() throws Exception {
        String lab = Lab.require("SHEAF_LAB_DIR", "a lab");
        try (PrivateServer server = PrivateServer.start(lab);
                PostgresShelf shelf = PostgresShelf.make(server.address());
                Store store = shelf.open()) {
            History history = new History(1);
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 30; i++) {
                    append(store, history.next(20));
                }
                server.kill();
                List<Decision> decisions = history.next(20);
                StoreException failure = catchThrowableOfType(StoreException.class, () -> store.append(decisions));
                assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
                assertThat(failure).hasMessageContaining("postgresql://127.0.0.1:");
                server.startAgain();
                appendSoon(store, decisions);
                expected.append(decisions);
                assertSame(store.load());
            }
        }
    }

    @Test
    void open_newerSchema_isRefusedWithBothVersions() throws Exception {
        try (PostgresShelf shelf = PostgresShelf.make()) {
            shelf.open().close();
            shelf.sql("INSERT INTO schema_history SELECT 2, '7', 'later', type, 'V7__later.sql', 1, installed_by,"
                    + " installed_on, 1, true FROM schema_history WHERE installed_rank = 1");
            StoreException refused = catchThrowableOfType(
                    StoreException.class,
                    () -> PostgresDatabase.open(shelf.settings()).close());
            assertThat(refused.kind()).isEqualTo(Kind.BROKEN);
            assertThat(refused).hasMessageContainingAll("schema version 7", "supports up to 1", "postgresql://");
        }
    }

    @Test
    void open_wrongPasswordOrNobodyThere_saysSoWithoutThePassword() throws Exception {
        try (PostgresShelf shelf = PostgresShelf.make()) {
            PostgresSettings settings = shelf.settings();
            StoreException refused = catchThrowableOfType(
                    StoreException.class,
                    () -> PostgresDatabase.open(
                                    new PostgresSettings(settings.address(), settings.user(), Optional.of("hunter2")))
                            .close());
            assertThat(refused.kind()).isEqualTo(Kind.BROKEN);
            assertThat(refused).hasMessageContaining("refuses").hasMessageNotContaining("hunter2");
        }
        StoreException silent = catchThrowableOfType(
                StoreException.class,
                () -> PostgresDatabase.open(new PostgresSettings(
                                "postgresql://127.0.0.1:9/sheaf", Optional.of("a"), Optional.of("hunter2")))
                        .close());
        assertThat(silent.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(silent).hasMessageContaining("127.0.0.1:9").hasMessageNotContaining("hunter2");
    }

    @Test
    void settings_keepSecretsOutOfAddressesAndText(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("password"), "from file\n");
        PostgresSettings settings = PostgresSettings.read(
                "jdbc:postgresql://db/sheaf?ssl=true",
                Map.of(PostgresSettings.USER, "me", PostgresSettings.PASSWORD_FILE, file.toString()));
        assertThat(settings.password()).contains("from file");
        assertThat(settings).hasToString("postgresql://db/sheaf");
        for (String wrong : List.of(
                "mysql://db/x",
                "postgresql://me:pw@db/sheaf",
                "postgresql://db/sheaf?password=pw",
                "postgresql://db/sheaf?ssl=true&Password=pw")) {
            assertThatThrownBy(() -> PostgresSettings.read(wrong, Map.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageNotContaining("pw");
        }
        assertThatThrownBy(() ->
                        PostgresSettings.read("postgresql://db/sheaf", Map.of(PostgresSettings.PASSWORD_FILE, "/none")))
                .hasMessageContaining("/none");
    }

    private static void appendSoon(Store store, List<Decision> decisions) {
        long end = System.nanoTime() + Duration.ofSeconds(15).toNanos();
        while (true) {
            try {
                store.append(decisions);
                return;
            } catch (StoreException e) {
                assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE);
                assertThat(System.nanoTime()).as(e.getMessage()).isLessThan(end);
            }
        }
    }

    private void append(Store store, List<Decision> decisions) {
        store.append(decisions);
        expected.append(decisions);
    }

    private static Kind kindOf(Store store, List<Decision> decisions) {
        return catchThrowableOfType(StoreException.class, () -> store.append(decisions))
                .kind();
    }

    private void assertSame(Stored found) {
        assertThat(found.builds()).isEqualTo(expected.load().builds());
        assertThat(Set.copyOf(found.tags()))
                .isEqualTo(Set.copyOf(expected.load().tags()));
    }
}
