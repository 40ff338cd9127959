package dev.sheaf.coordinator.store.sql;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;

/** The statements, in the SQL that SQLite and PostgreSQL share; each is a file beside this class. */
enum Sql {
    READ_HEAD,
    ADVANCE_HEAD,
    ADD_BUILD,
    ADD_SLICE,
    LEASE_SLICE,
    MOVE_SLICE,
    MOVE_TAGS,
    MOVE_TAG,
    SPEND_REBUILD,
    END_BUILD,
    FORGET_BUILD,
    READ_BUILDS,
    READ_SLICES,
    READ_TAGS;

    private final String text;

    Sql() {
        String file = name().toLowerCase(Locale.ROOT) + ".sql";
        try (InputStream stream = Objects.requireNonNull(Sql.class.getResourceAsStream(file), file)) {
            text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String text() {
        return text;
    }
}
