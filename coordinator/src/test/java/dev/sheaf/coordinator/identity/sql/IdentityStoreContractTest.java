package dev.sheaf.coordinator.identity.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordinator.identity.AgentIdentity;
import dev.sheaf.coordinator.identity.IdentityStore;
import dev.sheaf.coordinator.identity.Invitation;
import dev.sheaf.coordinator.identity.User;
import dev.sheaf.coordinator.store.postgres.PostgresShelf;
import dev.sheaf.coordinator.store.sqlite.SqliteStore;
import dev.sheaf.endpoint.tls.Pin;
import dev.sheaf.image.Platform;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What every store of identities keeps to, also after it was opened again. */
@ParameterizedClass(name = "{0}")
@EnumSource
final class IdentityStoreContractTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00.123456789Z");
    private static final Invitation.Terms TERMS =
            new Invitation.Terms("p", List.of(Platform.parse("linux/arm64"), Platform.parse("linux/arm/v7")), "");

    /** The stores. */
    enum Kind {
        SQLITE,
        POSTGRES
    }

    @Parameter
    Kind kind = Kind.SQLITE;

    @TempDir
    Path directory;

    private @Nullable PostgresShelf shelf;
    private IdentityStore store;

    @BeforeEach
    void open() throws SQLException {
        if (kind == Kind.POSTGRES) {
            shelf = PostgresShelf.make();
        }
        store = reopened();
    }

    private IdentityStore reopened() {
        return new JdbcIdentities(shelf == null ? SqliteStore.identities(directory) : shelf.identities());
    }

    private void reopen() {
        store.close();
        store = reopened();
    }

    @AfterEach
    void close() throws SQLException {
        Optional.ofNullable(store).ifPresent(IdentityStore::close); // none if there is no such database here
        if (shelf != null) {
            shelf.close();
        }
    }

    private static Invitation invitation(String id, Instant expires) {
        return new Invitation(id, "h" + id, TERMS, expires);
    }

    private static AgentIdentity agent(String name, String key) {
        return new AgentIdentity(
                name,
                "p",
                TERMS.platforms(),
                new Pin(key.repeat(64)),
                new AgentIdentity.History(NOW, "192.0.2.1:1", NOW.plusSeconds(5), Optional.empty()));
    }

    @Test
    void invitations_areKept_usedOnce_andDroppedWhenTheyEnded() {
        Invitation open = invitation("1", NOW.plus(Duration.ofMinutes(1)));
        store.add(open, NOW);
        reopen();
        assertThat(store.invitation("1")).contains(open);
        assertThat(store.join("1", agent("a", "a"))).isTrue();
        assertThat(store.join("1", agent("b", "b"))).isFalse();
        assertThat(store.agent("b")).isEmpty();
        store.add(invitation("2", NOW.plusSeconds(1)), NOW);
        store.add(invitation("3", NOW.plusSeconds(9)), NOW.plusSeconds(5));
        assertThat(store.invitation("2")).isEmpty();
        assertThat(store.invitations(NOW.plusSeconds(9))).isEqualTo(1);
        assertThat(store.invitations(NOW.plusSeconds(10)))
                .as("ended, and not dropped yet")
                .isZero();
    }

    @Test
    void join_byManyAtOnce_isOneAgent() throws Exception {
        store.add(invitation("1", NOW.plusSeconds(60)), NOW);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Boolean>> joins = IntStream.range(0, 10)
                    .<Callable<Boolean>>mapToObj(i -> () -> store.join("1", agent("a" + i, String.valueOf(i))))
                    .toList();
            long joined = 0;
            for (var outcome : threads.invokeAll(joins)) {
                joined += outcome.get() ? 1 : 0;
            }
            assertThat(joined).isEqualTo(1);
        }
        assertThat(store.agents()).hasSize(1);
    }

    @Test
    void agents_areFoundByNameAndKey_renewedRevokedAndReplaced() {
        store.add(invitation("1", NOW.plusSeconds(60)), NOW);
        store.join("1", agent("a", "a"));
        store.renewed("a", NOW.plusSeconds(77));
        store.revoke("a", NOW.plusSeconds(1));
        store.revoke("a", NOW.plusSeconds(2));
        reopen();
        AgentIdentity revoked = store.agentByKey(new Pin("a".repeat(64))).orElseThrow();
        assertThat(revoked.history())
                .isEqualTo(new AgentIdentity.History(
                        NOW, "192.0.2.1:1", NOW.plusSeconds(77), Optional.of(NOW.plusSeconds(1))));
        assertThat(store.agent("a")).contains(revoked);

        store.add(invitation("2", NOW.plusSeconds(60)), NOW);
        store.join("2", agent("a", "b"));
        assertThat(store.agents()).containsExactly(agent("a", "b"));
        assertThat(store.agentByKey(new Pin("a".repeat(64)))).isEmpty();
    }

    @Test
    void drained_survives_andIsOfAnyName() {
        store.drain("b");
        store.drain("a");
        store.drain("a");
        reopen();
        assertThat(store.drained()).containsExactly("a", "b");
        store.resume("a");
        assertThat(store.drained()).containsExactly("b");
    }

    @Test
    void users_haveOneTokenEach() {
        User first = new User("u", "t", true, "1", "h", NOW);
        store.put(first);
        reopen();
        assertThat(store.userByToken("1")).contains(first);
        User second = new User("u", "t2", false, "2", "h2", NOW);
        store.put(second);
        assertThat(store.userByToken("1")).isEmpty();
        assertThat(store.users()).containsExactly(second);
        assertThat(store.removeUser("u")).isTrue();
        assertThat(store.removeUser("u")).isFalse();
        assertThat(store.users()).isEmpty();
    }
}
