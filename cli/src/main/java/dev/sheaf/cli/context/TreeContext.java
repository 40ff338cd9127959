package dev.sheaf.cli.context;

import com.google.protobuf.CodedOutputStream;
import dev.sheaf.context.ContextPaths;
import dev.sheaf.image.Digest;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.ContextTree;
import dev.sheaf.v1.FileEntry;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Files that are on this machine, listed and hashed. Their contents stay where they are until the farm asks. */
public final class TreeContext implements BuildContext {
    private static final Comparator<FileEntry> BY_PATH = Comparator.comparing(FileEntry::getPath, ContextPaths.ORDER);

    private final ContextTree tree;
    private final String treeDigest;
    private final Map<String, Blob> blobs;
    private final Identity identity;
    private final Runnable release;

    /**
     * What is said of a context besides its files.
     *
     * @param title words for the user
     * @param dockerfile name among the Dockerfile entries
     * @param key identity across builds. Empty: the tree is its own identity
     */
    record Identity(String title, String dockerfile, String dockerfileText, String key) {}

    private TreeContext(ContextTree tree, Map<String, Blob> blobs, Identity identity, Runnable release) {
        byte[] bytes = serialize(tree);
        this.tree = tree;
        this.treeDigest = Digest.of(bytes).toString();
        this.blobs = new HashMap<>(blobs);
        this.blobs.put(treeDigest, new Blob.InMemory(bytes, "the list of files"));
        this.identity = identity;
        this.release = release;
    }

    /** Collects files in any order. */
    static final class Builder {
        private final ContextTree.Builder tree = ContextTree.newBuilder();
        private final Map<String, Blob> blobs = new HashMap<>();

        void addAll(List<FileEntry> entries) {
            tree.addAllEntries(entries.stream().sorted(BY_PATH).toList());
        }

        void addDockerfiles(List<FileEntry> entries) {
            tree.addAllDockerfileEntries(entries.stream().sorted(BY_PATH).toList());
        }

        void put(String digest, Blob blob) {
            blobs.putIfAbsent(digest, blob);
        }

        TreeContext build(Identity identity, Runnable release) {
            return new TreeContext(tree.build(), blobs, identity, release);
        }
    }

    /** Digest of the list of files. */
    public String treeDigest() {
        return treeDigest;
    }

    /** The list of files. */
    public ContextTree tree() {
        return tree;
    }

    /** The content of a file of the list as it is now. */
    public InputStream open(FileEntry entry) throws IOException {
        Blob blob = blobs.get(entry.getDigest());
        if (blob == null) {
            throw new FileNotFoundException(entry.getPath());
        }
        return blob.open();
    }

    /** Bytes of all files. */
    public long totalBytes() {
        return tree.getEntriesList().stream().mapToLong(FileEntry::getSize).sum();
    }

    /** Of the files and the list of files, each once. */
    Set<String> digests() {
        return Set.copyOf(blobs.keySet());
    }

    /** The content of a digest: a file, or the list of files. Empty: it is not of this context. */
    Optional<Blob> blob(String digest) {
        return Optional.ofNullable(blobs.get(digest));
    }

    @Override
    public void describeIn(BuildSpec.Builder spec) {
        spec.setTreeDigest(treeDigest)
                .setDockerfile(identity.dockerfile())
                .setContextKey(identity.key().isEmpty() ? treeDigest : identity.key());
    }

    @Override
    public String describe() {
        return String.format(
                Locale.ROOT, "%s: %,d entries, %,d bytes", identity.title(), tree.getEntriesCount(), totalBytes());
    }

    @Override
    public String dockerfileText() {
        return identity.dockerfileText();
    }

    @Override
    public boolean isRemote() {
        return false;
    }

    @Override
    public void close() {
        release.run();
    }

    private static byte[] serialize(ContextTree tree) {
        byte[] bytes = new byte[tree.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            tree.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes;
    }

    /** Where the content of a file of the context is. */
    sealed interface Blob {
        /** Bytes, as they were when the file was hashed. */
        long size();

        /** Words for the user, as in "file changed during the build: src/a.c". */
        String name();

        /** The content as it is now. */
        InputStream open() throws IOException;

        record OnDisk(Path path, String name, long size) implements Blob {
            @Override
            public InputStream open() throws IOException {
                return Files.newInputStream(path);
            }
        }

        @SuppressWarnings("ArrayRecordComponent") // read only, and never compared
        record InMemory(byte[] bytes, String name) implements Blob {
            @Override
            public long size() {
                return bytes.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(bytes);
            }
        }

        /** A part of the spool, which holds the files of an archive one after the other. */
        record Spooled(FileChannel spool, long offset, String name, long size) implements Blob {
            @Override
            public InputStream open() {
                return new Slice(spool, offset, offset + size);
            }
        }

        /** Reads a part of a file without moving the position that others see. */
        final class Slice extends InputStream {
            private final FileChannel channel;
            private final long end;
            private long at;

            Slice(FileChannel channel, long start, long end) {
                this.channel = channel;
                this.at = start;
                this.end = end;
            }

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                if (at >= end) {
                    return -1;
                }
                int wanted = (int) Math.min(length, end - at);
                int count = channel.read(ByteBuffer.wrap(bytes, offset, wanted), at);
                if (count > 0) {
                    at += count;
                }
                return count;
            }
        }
    }
}
