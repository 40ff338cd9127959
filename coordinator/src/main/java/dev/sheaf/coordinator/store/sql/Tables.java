package dev.sheaf.coordinator.store.sql;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.store.Stored;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The tables that hold the current state: written by changes, read as a whole. */
final class Tables {
    private static final int FETCH_ROWS = 1_000; // at a time, where the driver can

    private Tables() {}

    static void write(Connection connection, List<Change> changes) throws SQLException {
        for (List<Change> group : Changes.grouped(changes)) {
            Sql sql = group.getFirst().sql();
            try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
                for (Change change : group) {
                    bind(statement, change.parameters());
                    statement.addBatch();
                }
                requireRows(group, statement.executeBatch());
            }
        }
    }

    private static void bind(PreparedStatement statement, List<Object> parameters) throws SQLException {
        int index = 1;
        for (Object parameter : parameters) {
            if (parameter instanceof Optional<?> optional) {
                statement.setObject(index++, optional.orElse(null));
            } else {
                statement.setObject(index++, parameter);
            }
        }
    }

    /** A decision about what is not stored is a mistake of the caller, and keeps nothing. */
    private static void requireRows(List<Change> group, int[] counts) {
        for (int i = 0; i < counts.length; i++) {
            Change change = group.get(i);
            if (change.sql() != Sql.FORGET_BUILD && counts[i] != 1 && counts[i] != Statement.SUCCESS_NO_INFO) {
                throw new IllegalStateException("a decision is about build " + change.build()
                        + ", which is not stored so (" + change.sql() + " of " + counts[i] + " rows)");
            }
        }
    }

    static Stored read(Connection connection) throws SQLException {
        Head head = Head.read(connection);
        return new Stored(builds(connection), tags(connection), head.highestFence(), head.highestOrder());
    }

    /** Builds and slices come in the same order, so one walk over both joins them. */
    private static List<Stored.Build> builds(Connection connection) throws SQLException {
        List<Stored.Build> builds = new ArrayList<>();
        try (PreparedStatement readBuilds = statement(connection, Sql.READ_BUILDS);
                PreparedStatement readSlices = statement(connection, Sql.READ_SLICES);
                ResultSet build = readBuilds.executeQuery();
                ResultSet slice = readSlices.executeQuery()) {
            boolean hasSlice = slice.next();
            while (build.next()) {
                String id = build.getString("id");
                BuildRequest request = StoredJson.read(build.getString("request"), BuildRequest.class);
                List<Stored.Slice> slices = new ArrayList<>();
                while (hasSlice && slice.getString("build").equals(id)) {
                    slices.add(slice(slice, request));
                    hasSlice = slice.next();
                }
                if (slices.size() != request.platforms().size()) {
                    throw new StoredFormException("build " + id + " has " + slices.size() + " slices for "
                            + request.platforms().size() + " platforms");
                }
                builds.add(build(build, request, slices));
            }
        }
        return builds;
    }

    private static Stored.Build build(ResultSet row, BuildRequest request, List<Stored.Slice> slices)
            throws SQLException {
        String state = row.getString("state");
        Optional<Stored.End> end = state == null
                ? Optional.empty()
                : Optional.of(new Stored.End(
                        StoredJson.parsed(state, BuildState::valueOf),
                        StoredJson.read(row.getString("result"), BuildSnapshot.Result.class)));
        return new Stored.Build(
                StoredJson.parsed(row.getString("id"), BuildId::new),
                row.getLong("position"),
                request,
                row.getBoolean("has_attachments"),
                StoredJson.parsed(row.getString("submitted"), Instant::parse),
                slices,
                digests(row.getString("moving")),
                row.getBoolean("rebuilt"),
                end);
    }

    private static List<Digest> digests(String text) throws StoredFormException {
        List<Digest> digests = new ArrayList<>();
        for (String digest : text.isEmpty() ? List.<String>of() : List.of(text.split(" "))) {
            digests.add(StoredJson.parsed(digest, Digest::new));
        }
        return digests;
    }

    private static Stored.Slice slice(ResultSet row, BuildRequest request) throws SQLException {
        int position = row.getInt("position");
        String platform = row.getString("platform");
        if (position >= request.platforms().size()
                || !request.platforms().get(position).toString().equals(platform)) {
            throw new StoredFormException("slice " + platform + " of build " + row.getString("build")
                    + " is not platform " + position + " of its request");
        }
        String holder = row.getString("holder");
        return new Stored.Slice(
                request.platforms().get(position),
                StoredJson.read(row.getString("state"), SliceState.class),
                row.getInt("attempts"),
                holder == null ? Optional.empty() : Optional.of(StoredJson.read(holder, Stored.Holder.class)),
                new Stored.Times(instant(row, "started"), instant(row, "ended")));
    }

    private static List<Stored.Tag> tags(Connection connection) throws SQLException {
        List<Stored.Tag> tags = new ArrayList<>();
        try (PreparedStatement statement = statement(connection, Sql.READ_TAGS);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                tags.add(new Stored.Tag(
                        StoredJson.read(row.getString("reference"), ImageReference.class),
                        StoredJson.parsed(row.getString("build"), BuildId::new),
                        row.getLong("build_position"),
                        StoredJson.parsed(row.getString("index_digest"), Digest::new),
                        StoredJson.parsed(row.getString("moved"), Instant::parse)));
            }
        }
        return tags;
    }

    private static PreparedStatement statement(Connection connection, Sql sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql.text());
        statement.setFetchSize(FETCH_ROWS);
        return statement;
    }

    private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text == null ? Optional.empty() : Optional.of(StoredJson.parsed(text, Instant::parse));
    }
}
