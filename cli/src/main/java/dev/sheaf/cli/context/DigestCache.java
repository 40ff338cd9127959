package dev.sheaf.cli.context;

import dev.sheaf.image.Digest;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Digests of the files of one context directory, remembered between builds. It is a help only: whatever is wrong with
 * it, the files are hashed again.
 */
final class DigestCache {
    /** Changes with the format. */
    private static final int MAGIC = 0x53484401;

    /** Contexts remembered; the one unused for longest goes first. */
    private static final int MAX_CONTEXTS = 64;

    /** Files remembered of one context: some 50 MB of cache file at worst. */
    private static final int MAX_FILES = 500_000;

    private static final int DIGEST_BYTES = 32;

    private final Path file;
    private final Map<String, Entry> known = new HashMap<>();

    /** What tells one state of a file from another, without reading it. Times in nanoseconds since 1970. */
    record Fingerprint(long size, long modified, long changed, long inode) {}

    record Entry(Fingerprint fingerprint, String digest) {}

    private DigestCache(Path file) {
        this.file = file;
    }

    /** The digests known of this context. */
    static DigestCache open(Path cacheDirectory, Path context) {
        String key = Digest.of(context.toString().getBytes(StandardCharsets.UTF_8))
                .hex()
                .substring(0, 32);
        DigestCache cache = new DigestCache(cacheDirectory.resolve("digests").resolve(key));
        cache.read();
        return cache;
    }

    Optional<String> find(String path, Fingerprint fingerprint) {
        Entry entry = known.get(path);
        return entry != null && entry.fingerprint().equals(fingerprint)
                ? Optional.of(entry.digest())
                : Optional.empty();
    }

    /** Replaces what is known, at once or not at all. */
    void save(Map<String, Entry> entries, Instant now) {
        if (entries.equals(known)) {
            touch(now);
            return;
        }
        try {
            Files.createDirectories(file.getParent());
            Path draft = Files.createTempFile(file.getParent(), ".draft-", "");
            try {
                write(draft, entries);
                Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(draft);
            }
            evict();
        } catch (IOException e) {
            // A cache that cannot be written costs time at the next build, nothing else.
            return;
        }
    }

    /** Marks the cache of this context as used, so that another one goes first. */
    private void touch(Instant now) {
        try {
            Files.setLastModifiedTime(file, FileTime.from(now));
        } catch (IOException e) {
            // It was not written yet, or is gone.
            return;
        }
    }

    private static void write(Path draft, Map<String, Entry> entries) throws IOException {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(draft)))) {
            out.writeInt(MAGIC);
            int count = Math.min(entries.size(), MAX_FILES);
            out.writeInt(count);
            for (Map.Entry<String, Entry> known : entries.entrySet()) {
                if (count-- == 0) {
                    break;
                }
                byte[] path = known.getKey().getBytes(StandardCharsets.UTF_8);
                out.writeInt(path.length);
                out.write(path);
                Fingerprint fingerprint = known.getValue().fingerprint();
                out.writeLong(fingerprint.size());
                out.writeLong(fingerprint.modified());
                out.writeLong(fingerprint.changed());
                out.writeLong(fingerprint.inode());
                out.write(HexFormat.of()
                        .parseHex(Digest.parse(known.getValue().digest()).hex()));
            }
        }
    }

    private void read() {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            if (in.readInt() != MAGIC) {
                return;
            }
            for (int left = Math.min(in.readInt(), MAX_FILES); left > 0; left--) {
                int length = in.readInt();
                if (length < 0 || length > 1 << 16) {
                    known.clear();
                    return;
                }
                String path = new String(in.readNBytes(length), StandardCharsets.UTF_8);
                Fingerprint fingerprint = new Fingerprint(in.readLong(), in.readLong(), in.readLong(), in.readLong());
                byte[] hash = new byte[DIGEST_BYTES];
                in.readFully(hash);
                known.put(path, new Entry(fingerprint, Digest.ofHash(hash).toString()));
            }
        } catch (IOException e) {
            known.clear();
        }
    }

    private void evict() throws IOException {
        List<Path> files;
        try (Stream<Path> listed = Files.list(file.getParent())) {
            files = new ArrayList<>(listed.toList());
        }
        files.sort(Comparator.comparing(DigestCache::age));
        for (int i = 0; i < files.size() - MAX_CONTEXTS; i++) {
            Files.deleteIfExists(files.get(i));
        }
    }

    private static FileTime age(Path path) {
        try {
            return Files.getLastModifiedTime(path);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }
}
