package dev.sheaf.coordinator.store.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.coordinator.store.History;
import dev.sheaf.coordinator.store.InMemoryStore;
import dev.sheaf.coordinator.store.StoreException;
import dev.sheaf.coordinator.store.StoreException.Kind;
import dev.sheaf.coordinator.store.Stored;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

/** Failures that a real database cannot be made to have when the test wants them. */
final class JdbcStoreTest {
    private enum Cut {
        NONE,
        BEFORE_COMMIT,
        AFTER_COMMIT
    }

    @TempDir
    private Path directory = Path.of("");

    private final InMemoryStore expected = new InMemoryStore();
    private @Nullable Faulty made;
    private int commits;

    @BeforeEach
    void open() throws SQLException {
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + directory.resolve("state.db"));
        Schema.migrate(source, "dev/sheaf/coordinator/store/sqlite", "the test");
        Connection connection = source.getConnection();
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA synchronous = OFF");
            statement.execute("PRAGMA foreign_keys = ON"); // as SqliteDatabase has it
        }
        connection.setAutoCommit(false);
        made = new Faulty(connection);
    }

    @AfterEach
    void close() {
        database().close();
    }

    private Faulty database() {
        return Objects.requireNonNull(made);
    }

    @Test
    void append_commitsOfUnknownOutcome_areKeptOnceHoweverOftenTheyAreTried() {
        JdbcStore store = JdbcStore.open(database(), 0);
        Random random = new Random(1);
        History history = new History(1);
        int cuts = 0;
        for (int i = 0; i < 1_000; i++) {
            List<Decision> decisions = history.next(4);
            database().isPassing = random.nextBoolean();
            database().cut = Cut.values()[random.nextInt(3)];
            cuts += database().cut == Cut.NONE ? 0 : 1;
            if (catchThrowableOfType(StoreException.class, () -> store.append(decisions)) != null) {
                store.append(decisions);
            }
            expected.append(decisions);
        }
        assertThat(cuts).isGreaterThan(500);
        assertSame(store.load());
    }

    @Test
    void append_otherDecisionsAfterAnUnknownOutcome_goOnFromWhatWasKept() {
        JdbcStore store = JdbcStore.open(database(), 0);
        List<Decision> lost = new History(1, "lost-", Stored.NOTHING).next(3);
        database().cut = Cut.BEFORE_COMMIT;
        assertThat(catchThrowableOfType(StoreException.class, () -> store.append(lost)))
                .isNotNull();
        History history = new History(2);
        List<Decision> kept = history.next(3);
        database().cut = Cut.AFTER_COMMIT;
        assertThat(catchThrowableOfType(StoreException.class, () -> store.append(kept)))
                .isNotNull();
        List<Decision> next = history.next(3);
        store.append(next);
        expected.append(kept);
        expected.append(next);
        assertSame(store.load());
    }

    @Test
    void append_brokenOnce_keepsNothingMore() {
        JdbcStore store = JdbcStore.open(database(), 0);
        database().kind = Kind.BROKEN;
        database().cut = Cut.BEFORE_COMMIT;
        List<Decision> decisions = new History(1).next(3);
        assertThat(kindOf(store, decisions)).isEqualTo(Kind.BROKEN);
        assertThat(kindOf(store, decisions)).isEqualTo(Kind.BROKEN);
        assertThat(commits).isZero();
        assertThat(store.load()).isEqualTo(Stored.NOTHING);
    }

    @Test
    void append_stateOfAnotherEpochOrTime_isRefused() throws SQLException {
        History history = new History(1);
        JdbcStore store = JdbcStore.open(database(), 0);
        store.append(history.next(3));
        store.append(history.next(3));
        change("UPDATE head SET batch = batch - 1");
        assertThat(kindOf(store, history.next(3))).isEqualTo(Kind.BROKEN);

        JdbcStore old = JdbcStore.open(database(), 0);
        change("UPDATE head SET epoch = 2");
        assertThat(kindOf(old, history.next(3))).isEqualTo(Kind.SUPERSEDED);
        assertThat(kindOf(old, history.next(3))).isEqualTo(Kind.SUPERSEDED);
    }

    @Test
    void grouped_independentChanges_areOneMessageAStatement() {
        History history = new History(5);
        List<Decision> decisions = history.next(400);
        List<Change> changes = Changes.of(decisions);
        List<List<Change>> groups = Changes.grouped(changes);
        assertThat(groups.stream().mapToInt(List::size).sum()).isEqualTo(changes.size());
        assertThat(groups.size()).isLessThan(changes.size() / 2);
    }

    private static Kind kindOf(JdbcStore store, List<Decision> decisions) {
        return catchThrowableOfType(StoreException.class, () -> store.append(decisions))
                .kind();
    }

    private void change(String sql) throws SQLException {
        database().run(connection -> {
            try (Statement statement = connection.createStatement()) {
                assertThat(statement.executeUpdate(sql)).isEqualTo(1);
            }
            connection.commit();
            return true;
        });
    }

    private void assertSame(Stored found) {
        assertThat(found.builds()).isEqualTo(expected.load().builds());
        assertThat(Set.copyOf(found.tags()))
                .isEqualTo(Set.copyOf(expected.load().tags()));
    }

    /** Loses the answer of a commit, or the commit. */
    private final class Faulty implements Database {
        private final Connection real;
        private Cut cut = Cut.NONE;
        private boolean isPassing;
        private Kind kind = Kind.UNAVAILABLE;

        Faulty(Connection real) {
            this.real = real;
        }

        @Override
        public <T> T run(Work<T> work) throws SQLException {
            return work.on((Connection) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {Connection.class}, (_, method, arguments) -> {
                        boolean isCommit = method.getName().equals("commit");
                        Cut now = isCommit ? cut : Cut.NONE;
                        if (isCommit) {
                            cut = Cut.NONE;
                        }
                        if (now == Cut.BEFORE_COMMIT) {
                            throw new SQLException("the connection ended");
                        }
                        try {
                            Object result = method.invoke(real, arguments);
                            commits += isCommit ? 1 : 0;
                            if (now == Cut.AFTER_COMMIT) {
                                throw new SQLException("the connection ended");
                            }
                            return result;
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    }));
        }

        @Override
        public boolean isPassing(SQLException failure) {
            return isPassing;
        }

        @Override
        public StoreException explain(SQLException failure) {
            return new StoreException(kind, "the database does not answer: " + failure.getMessage(), failure);
        }

        @Override
        public void close() {
            try {
                real.close();
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        }
    }
}
