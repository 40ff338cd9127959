package dev.sheaf.coordinator.gate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sheaf.coordinator.store.StoreException;
import dev.sheaf.coordinator.store.sql.Database;
import dev.sheaf.image.Digest;
import dev.sheaf.image.check.LayerFactsCache;
import dev.sheaf.image.layer.LayerFacts;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers what layers hold: in memory what was asked for lately, in a database more of it. It only saves work, so that a
 * database that fails is lived without.
 */
public final class LayerMemory implements LayerFactsCache, AutoCloseable {
    /** Of JSON, which is about what the facts take in memory. */
    private static final long MEMORY_BYTES = 32L * 1024 * 1024;

    /** Of compressed JSON in the database; what was used longest ago goes first. */
    private static final long DISK_BYTES = 512L * 1024 * 1024;

    /** Facts that are larger as JSON are read again each time, in bytes. */
    private static final int MAX_FACTS = 16 * 1024 * 1024;

    private static final String GET = "SELECT facts FROM layers WHERE digest = ?";
    private static final String TOUCH = "UPDATE layers SET used = ? WHERE digest = ?";
    private static final String PUT = """
            INSERT INTO layers (digest, facts, bytes, used) VALUES (?, ?, ?, ?)
            ON CONFLICT (digest) DO UPDATE SET facts = excluded.facts, bytes = excluded.bytes, used = excluded.used""";
    private static final String FORGET = """
            DELETE FROM layers WHERE digest IN (
                SELECT digest FROM (
                    SELECT digest, SUM(bytes) OVER (ORDER BY used DESC, digest) AS total FROM layers)
                WHERE total > ?)""";

    private static final Logger LOG = LoggerFactory.getLogger(LayerMemory.class);

    /** Facts with their size as JSON, in bytes. */
    private record Sized(LayerFacts facts, int bytes) {}

    private final Database database;
    private final InstantSource clock;
    private final long diskBytes;
    private final Cache<Digest, Sized> lately;
    private boolean isClosed;

    /** Closes the database in the end. */
    public LayerMemory(Database database, InstantSource clock) {
        this(database, clock, DISK_BYTES);
    }

    LayerMemory(Database database, InstantSource clock, long diskBytes) {
        this.database = database;
        this.clock = clock;
        this.diskBytes = diskBytes;
        this.lately = Caffeine.newBuilder()
                .maximumWeight(MEMORY_BYTES)
                .weigher((Digest _, Sized sized) -> sized.bytes())
                .build();
    }

    @Override
    public Optional<LayerFacts> get(Digest layer) {
        Sized known = lately.getIfPresent(layer);
        if (known != null) {
            return Optional.of(known.facts());
        }
        Optional<byte[]> json = stored(layer);
        Optional<LayerFacts> facts = json.flatMap(LayerFacts::fromJson);
        facts.ifPresent(found -> lately.put(layer, new Sized(found, json.orElseThrow().length)));
        return facts;
    }

    private Optional<byte[]> stored(Digest layer) {
        return transact(connection -> {
                    byte[] found = null;
                    try (PreparedStatement get = connection.prepareStatement(GET)) {
                        get.setString(1, layer.value());
                        try (ResultSet row = get.executeQuery()) {
                            if (row.next()) {
                                found = row.getBytes(1);
                            }
                        }
                    }
                    if (found == null) {
                        return Optional.<byte[]>empty();
                    }
                    try (PreparedStatement touch = connection.prepareStatement(TOUCH)) {
                        touch.setString(1, clock.instant().toString());
                        touch.setString(2, layer.value());
                        touch.executeUpdate();
                    }
                    return inflate(found);
                })
                .flatMap(found -> found);
    }

    @Override
    public void put(LayerFacts facts) {
        byte[] json = facts.toJson();
        if (json.length > MAX_FACTS) {
            return;
        }
        lately.put(facts.digest(), new Sized(facts, json.length));
        byte[] small = deflate(json);
        var _ = transact(connection -> {
            try (PreparedStatement put = connection.prepareStatement(PUT)) {
                put.setString(1, facts.digest().value());
                put.setBytes(2, small);
                put.setInt(3, small.length);
                put.setString(4, clock.instant().toString());
                put.executeUpdate();
            }
            try (PreparedStatement forget = connection.prepareStatement(FORGET)) {
                forget.setLong(1, diskBytes);
                return forget.executeUpdate();
            }
        });
    }

    private static byte[] deflate(byte[] json) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new DeflaterOutputStream(bytes)) {
            out.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException("memory can be written", e);
        }
        return bytes.toByteArray();
    }

    /** Empty: damaged. */
    private static Optional<byte[]> inflate(byte[] small) {
        try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(small))) {
            return Optional.of(in.readNBytes(MAX_FACTS));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Empty: the database failed, or is closed: a check that is still under way then ends without it. */
    private synchronized <T> Optional<T> transact(Database.Work<T> work) {
        if (isClosed) {
            return Optional.empty();
        }
        try {
            return Optional.of(database.run(connection -> {
                T result = work.on(connection);
                connection.commit();
                return result;
            }));
        } catch (SQLException e) {
            LOG.warn("layers are read again: {}", database.explain(e).getMessage());
            return Optional.empty();
        }
    }

    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        try {
            database.close();
        } catch (StoreException e) {
            LOG.warn("closing what layers hold: {}", e.getMessage());
        }
    }
}
