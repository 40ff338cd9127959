package dev.sheaf.coordinator.context;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** One blob being written. Hashes as it goes; nothing can be read until {@link #commit}. Used by one thread. */
public final class BlobWriter implements AutoCloseable {
    private final BlobStore store;
    private final BlobKey blob;
    private final Path file;
    private final FileChannel channel;
    private final MessageDigest hash = sha256();
    private long written;
    private boolean ended;

    private BlobWriter(BlobStore store, BlobKey blob, Path file, FileChannel channel) {
        this.store = store;
        this.blob = blob;
        this.file = file;
        this.channel = channel;
    }

    static BlobWriter create(BlobStore store, BlobKey blob, Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return new BlobWriter(store, blob, file, channel);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Bytes written so far: where the next ones go. */
    public long written() {
        return written;
    }

    /** Appends bytes. */
    public void write(ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        store.reserve(length);
        written += length;
        hash.update(bytes.duplicate());
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw store.explain(e);
        }
    }

    /**
     * Makes the blob available. True: it is new to the store.
     *
     * @throws WrongContentException the bytes are not what the digest says; nothing is stored
     */
    public boolean commit() throws IOException {
        String found = HexFormat.of().formatHex(hash.digest());
        if (!found.equals(blob.digest().hex())) {
            throw new WrongContentException(blob.digest(), "sha256:" + found);
        }
        channel.close();
        boolean isNew = store.adopt(blob, file, written);
        ended = true;
        return isNew;
    }

    /** Removes what was written, unless it was committed. */
    @Override
    public void close() throws IOException {
        if (!ended) {
            ended = true;
            store.unreserve(written);
            channel.close();
            Files.deleteIfExists(file);
        }
    }
}
