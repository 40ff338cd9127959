package dev.sheaf.coordinator.context;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;

/** One blob being read. Hashes as it goes; the last bytes are given only if all of them are right. Used by one thread. */
public final class BlobReader implements AutoCloseable {
    private final BlobStore store;
    private final BlobKey blob;
    private final FileChannel channel;
    private final long size;
    private final MessageDigest hash = BlobWriter.sha256();
    private long position;
    private boolean closed;

    private BlobReader(BlobStore store, BlobKey blob, FileChannel channel, long size) {
        this.store = store;
        this.blob = blob;
        this.channel = channel;
        this.size = size;
    }

    static BlobReader open(BlobStore store, BlobKey blob, Path file, long size) throws IOException {
        return new BlobReader(store, blob, FileChannel.open(file, StandardOpenOption.READ), size);
    }

    /** Bytes of the blob. */
    public long size() {
        return size;
    }

    /** Bytes given so far. */
    public long position() {
        return position;
    }

    /**
     * The next bytes, at most so many; fewer only at the end of the blob.
     *
     * @throws WrongContentException the file is damaged; the store has dropped the blob
     */
    public byte[] next(int most) throws IOException {
        byte[] bytes = new byte[(int) Math.min(most, size - position)];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                store.drop(blob);
                throw new WrongContentException(blob.digest(), "a file cut short");
            }
        }
        hash.update(bytes);
        position += bytes.length;
        if (position == size) {
            verify();
        }
        return bytes;
    }

    /** Lets the blob be evicted again. */
    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            store.released(blob);
            channel.close();
        }
    }

    private void verify() throws IOException {
        String found = HexFormat.of().formatHex(hash.digest());
        if (!found.equals(blob.digest().hex())) {
            store.drop(blob);
            throw new WrongContentException(blob.digest(), "sha256:" + found);
        }
    }
}
