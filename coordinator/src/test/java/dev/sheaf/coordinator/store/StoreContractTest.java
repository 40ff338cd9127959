package dev.sheaf.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.store.postgres.PostgresShelf;
import dev.sheaf.coordinator.store.sqlite.SqliteStore;
import dev.sheaf.image.Digest;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What every store keeps to. */
@ParameterizedClass(name = "{0}")
@EnumSource
final class StoreContractTest {
    private static final int SEEDS = 4;

    /** The stores. */
    enum Kind {
        MEMORY,
        SQLITE,
        POSTGRES
    }

    @Parameter
    Kind kind = Kind.MEMORY;

    @TempDir
    private Path directory = Path.of("");

    private final Ledger expected = new Ledger();
    private Shelf shelf = new MemoryShelf();
    private Store store = new InMemoryStore();

    @BeforeEach
    void makeShelf() throws SQLException {
        shelf = switch (kind) {
            case MEMORY -> new MemoryShelf();
            case SQLITE -> new SqliteShelf(directory.resolve("data"));
            case POSTGRES -> PostgresShelf.make();
        };
        store = shelf.open();
    }

    @AfterEach
    void removeShelf() throws Exception {
        store.close();
        shelf.close();
    }

    @Test
    void load_nothingKept_isNothing() {
        assertThat(store.load()).isEqualTo(Stored.NOTHING);
    }

    @Test
    void load_afterAnyHistory_isWhatTheDecisionsMean() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            Random random = new Random(seed);
            History history = new History(seed, "seed" + seed + "-", expected.stored());
            for (int i = 0; i < 40; i++) {
                append(history.next(40));
                if (random.nextInt(15) == 0) {
                    assertSame(store.load(), expected.stored());
                }
                if (random.nextInt(15) == 0) {
                    store.close();
                    store = shelf.open();
                }
            }
        }
        assertSame(store.load(), expected.stored());
        assertThat(expected.stored().builds()).isNotEmpty();
        assertThat(expected.stored().tags()).isNotEmpty();
    }

    @Test
    void append_decisionAboutNoBuild_isTheCallersMistake() {
        History history = new History(2);
        append(history.next(20));
        if (kind == Kind.MEMORY) {
            return; // it keeps what came before the mistake
        }
        List<Decision> wrong = new ArrayList<>(history.next(20));
        wrong.add(new Decision.TagsMove(new BuildId("nobody"), Digest.of(new byte[] {1})));
        assertThatThrownBy(() -> store.append(wrong))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nobody");
        assertSame(store.load(), expected.stored());
        append(wrong.subList(0, wrong.size() - 1));
        assertSame(store.load(), expected.stored());
    }

    @Test
    void append_nothing_isFine() {
        store.append(List.of());
        assertThat(store.load()).isEqualTo(Stored.NOTHING);
    }

    private void append(List<Decision> decisions) {
        store.append(decisions);
        decisions.forEach(expected::apply);
    }

    static void assertSame(Stored found, Stored expected) {
        assertThat(found.builds()).isEqualTo(expected.builds());
        assertThat(found.tags()).containsExactlyInAnyOrderElementsOf(expected.tags());
        assertThat(found.highestFence()).isEqualTo(expected.highestFence());
        assertThat(found.highestOrder()).isEqualTo(expected.highestOrder());
    }

    private record MemoryShelf(InMemoryStore store) implements Shelf {
        MemoryShelf() {
            this(new InMemoryStore());
        }

        @Override
        public Store open() {
            return store;
        }

        @Override
        public void close() {
            store.close();
        }
    }

    private record SqliteShelf(Path directory) implements Shelf {
        @Override
        public Store open() {
            return SqliteStore.open(directory);
        }

        @Override
        public void close() {
            // JUnit removes the directory
        }
    }
}
