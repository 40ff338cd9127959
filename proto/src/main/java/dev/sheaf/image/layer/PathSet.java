package dev.sheaf.image.layer;

import com.google.common.hash.Hashing;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A set of paths that takes 8 bytes a path, whatever their length: the beginnings of their SHA-256 hashes. */
public final class PathSet {
    /** No path. */
    public static final PathSet EMPTY = new PathSet(new long[0]);

    private final long[] sorted;

    private PathSet(long[] sorted) {
        this.sorted = sorted;
    }

    /** Collects paths; the same one may come often. */
    static final class Builder {
        private long[] hashes = new long[64];
        private int size;

        void add(String path) {
            if (size == hashes.length) {
                hashes = Arrays.copyOf(hashes, size * 2);
            }
            hashes[size++] = hash(path);
        }

        int size() {
            return size;
        }

        PathSet build() {
            return size == 0
                    ? EMPTY
                    : new PathSet(
                            Arrays.stream(hashes, 0, size).sorted().distinct().toArray());
        }
    }

    /** What {@link #contains} asks for. */
    public static long hash(String path) {
        return Hashing.sha256().hashString(path, StandardCharsets.UTF_8).asLong();
    }

    /** Whether the path with this hash is one of these. */
    public boolean contains(long hash) {
        return Arrays.binarySearch(sorted, hash) >= 0;
    }

    /** How many paths. */
    public int size() {
        return sorted.length;
    }

    byte[] bytes() {
        ByteBuffer bytes = ByteBuffer.allocate(sorted.length * Long.BYTES);
        bytes.asLongBuffer().put(sorted);
        return bytes.array();
    }

    static PathSet of(byte[] bytes) {
        long[] hashes = new long[bytes.length / Long.BYTES];
        ByteBuffer.wrap(bytes).asLongBuffer().get(hashes);
        Arrays.sort(hashes);
        return new PathSet(hashes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PathSet set && Arrays.equals(sorted, set.sorted);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sorted);
    }

    @Override
    public String toString() {
        return sorted.length + " paths";
    }
}
