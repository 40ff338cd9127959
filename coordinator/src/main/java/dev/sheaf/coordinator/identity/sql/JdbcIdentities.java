package dev.sheaf.coordinator.identity.sql;

import dev.sheaf.coordinator.identity.AgentIdentity;
import dev.sheaf.coordinator.identity.IdentityStore;
import dev.sheaf.coordinator.identity.Invitation;
import dev.sheaf.coordinator.identity.User;
import dev.sheaf.coordinator.store.sql.Database;
import dev.sheaf.endpoint.tls.Pin;
import dev.sheaf.image.Platform;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** In the SQL that SQLite and PostgreSQL share. */
public final class JdbcIdentities implements IdentityStore {
    private static final String AGENT_COLUMNS =
            "SELECT name, pool, platforms, key_sha256, joined, joined_from, expires, revoked FROM agents ";
    private static final String PUT_AGENT = """
            INSERT INTO agents (name, pool, platforms, key_sha256, joined, joined_from, expires, revoked)
            VALUES (?, ?, ?, ?, ?, ?, ?, NULL)
            ON CONFLICT (name) DO UPDATE
            SET pool = excluded.pool, platforms = excluded.platforms, key_sha256 = excluded.key_sha256,
                joined = excluded.joined, joined_from = excluded.joined_from, expires = excluded.expires,
                revoked = NULL""";
    private static final String PUT_USER = """
            INSERT INTO users (name, team, operator, token, secret_sha256, added) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE
            SET team = excluded.team, operator = excluded.operator, token = excluded.token,
                secret_sha256 = excluded.secret_sha256, added = excluded.added""";
    private static final String USER_COLUMNS = "SELECT name, team, operator, token, secret_sha256, added FROM users ";

    private final Database database;

    /** Closes the database in the end. */
    public JdbcIdentities(Database database) {
        this.database = database;
    }

    @Override
    public void add(Invitation invitation, Instant now) {
        transact(connection -> {
            update(connection, "DELETE FROM invitations WHERE expires < ?", now.toString());
            Invitation.Terms terms = invitation.terms();
            return update(
                    connection,
                    "INSERT INTO invitations (id, secret_sha256, pool, platforms, agent, expires)"
                            + " VALUES (?, ?, ?, ?, ?, ?)",
                    invitation.id(),
                    invitation.secretHash(),
                    terms.pool(),
                    text(terms.platforms()),
                    terms.agent(),
                    invitation.expires().toString());
        });
    }

    @Override
    public Optional<Invitation> invitation(String id) {
        return transact(connection -> query(
                        connection,
                        "SELECT id, secret_sha256, pool, platforms, agent, expires FROM invitations WHERE id = ?",
                        row -> new Invitation(
                                row.getString(1),
                                row.getString(2),
                                new Invitation.Terms(row.getString(3), platforms(row.getString(4)), row.getString(5)),
                                Instant.parse(row.getString(6))),
                        id))
                .stream()
                .findFirst();
    }

    @Override
    public int invitations(Instant now) {
        return transact(connection -> query(
                        connection,
                        "SELECT COUNT(*) FROM invitations WHERE expires >= ?",
                        row -> row.getInt(1),
                        now.toString()))
                .getFirst();
    }

    @Override
    public boolean join(String invitation, AgentIdentity agent) {
        return transact(connection -> {
            if (update(connection, "DELETE FROM invitations WHERE id = ?", invitation) != 1) {
                return false;
            }
            AgentIdentity.History history = agent.history();
            update(
                    connection,
                    PUT_AGENT,
                    agent.name(),
                    agent.pool(),
                    text(agent.platforms()),
                    agent.key().sha256(),
                    history.joined().toString(),
                    history.joinedFrom(),
                    history.expires().toString());
            return true;
        });
    }

    @Override
    public Optional<AgentIdentity> agent(String name) {
        return transact(connection -> query(connection, AGENT_COLUMNS + "WHERE name = ?", JdbcIdentities::agent, name))
                .stream()
                .findFirst();
    }

    @Override
    public Optional<AgentIdentity> agentByKey(Pin key) {
        return transact(connection ->
                        query(connection, AGENT_COLUMNS + "WHERE key_sha256 = ?", JdbcIdentities::agent, key.sha256()))
                .stream()
                .findFirst();
    }

    @Override
    public List<AgentIdentity> agents() {
        return transact(connection -> query(connection, AGENT_COLUMNS + "ORDER BY name", JdbcIdentities::agent));
    }

    @Override
    public void renewed(String agent, Instant expires) {
        transact(connection ->
                update(connection, "UPDATE agents SET expires = ? WHERE name = ?", expires.toString(), agent));
    }

    @Override
    public void revoke(String agent, Instant at) {
        transact(connection -> update(
                connection, "UPDATE agents SET revoked = ? WHERE name = ? AND revoked IS NULL", at.toString(), agent));
    }

    @Override
    public Set<String> drained() {
        List<String> names =
                transact(connection -> query(connection, "SELECT agent FROM drained", row -> row.getString(1)));
        return new TreeSet<>(names);
    }

    @Override
    public void drain(String agent) {
        transact(connection ->
                update(connection, "INSERT INTO drained (agent) VALUES (?) ON CONFLICT (agent) DO NOTHING", agent));
    }

    @Override
    public void resume(String agent) {
        transact(connection -> update(connection, "DELETE FROM drained WHERE agent = ?", agent));
    }

    @Override
    public void put(User user) {
        transact(connection -> update(
                connection,
                PUT_USER,
                user.name(),
                user.team(),
                user.isOperator() ? 1 : 0,
                user.tokenId(),
                user.secretHash(),
                user.added().toString()));
    }

    @Override
    public Optional<User> userByToken(String tokenId) {
        return transact(connection ->
                        query(connection, USER_COLUMNS + "WHERE token = ?", JdbcIdentities::user, tokenId))
                .stream()
                .findFirst();
    }

    @Override
    public List<User> users() {
        return transact(connection -> query(connection, USER_COLUMNS + "ORDER BY name", JdbcIdentities::user));
    }

    @Override
    public boolean removeUser(String name) {
        return transact(connection -> update(connection, "DELETE FROM users WHERE name = ?", name)) == 1;
    }

    @Override
    public synchronized void close() {
        database.close();
    }

    private static AgentIdentity agent(ResultSet row) throws SQLException {
        return new AgentIdentity(
                row.getString("name"),
                row.getString("pool"),
                platforms(row.getString("platforms")),
                new Pin(row.getString("key_sha256")),
                new AgentIdentity.History(
                        Instant.parse(row.getString("joined")),
                        row.getString("joined_from"),
                        Instant.parse(row.getString("expires")),
                        instant(row.getString("revoked"))));
    }

    private static Optional<Instant> instant(@Nullable String text) {
        return Optional.ofNullable(text).map(Instant::parse);
    }

    private static User user(ResultSet row) throws SQLException {
        return new User(
                row.getString("name"),
                row.getString("team"),
                row.getInt("operator") == 1,
                row.getString("token"),
                row.getString("secret_sha256"),
                Instant.parse(row.getString("added")));
    }

    private static String text(List<Platform> platforms) {
        return platforms.stream().map(Platform::toString).collect(Collectors.joining(" "));
    }

    private static List<Platform> platforms(String text) {
        return text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split(" ")).map(Platform::parse).toList();
    }

    private interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    private static <T> List<T> query(Connection connection, String sql, Row<T> reader, Object... parameters)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, parameters);
            List<T> rows = new ArrayList<>();
            try (ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    rows.add(reader.read(found));
                }
            }
            return rows;
        }
    }

    private static int update(Connection connection, String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, parameters);
            return statement.executeUpdate();
        }
    }

    private static void bind(PreparedStatement statement, Object... parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
    }

    private synchronized <T> T transact(Database.Work<T> work) {
        try {
            return database.run(connection -> {
                try {
                    T result = work.on(connection);
                    connection.commit();
                    return result;
                } catch (SQLException | RuntimeException e) {
                    connection.rollback();
                    throw e;
                }
            });
        } catch (SQLException e) {
            throw database.explain(e);
        }
    }
}
