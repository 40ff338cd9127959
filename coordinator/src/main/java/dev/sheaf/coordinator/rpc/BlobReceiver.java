package dev.sheaf.coordinator.rpc;

import dev.sheaf.coordinator.context.BlobWriter;
import dev.sheaf.coordinator.context.TeamBlobs;
import dev.sheaf.image.Digest;
import dev.sheaf.v1.BlobChunk;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Puts chunks that come in together to blobs, one after the other. Used by one thread at a time. */
final class BlobReceiver implements AutoCloseable {
    /** Bytes of a chunk. */
    static final int MAX_CHUNK_BYTES = 1024 * 1024;

    private final TeamBlobs blobs;
    private @Nullable Digest current;
    /** Null while a blob is skipped because the team has brought it before. */
    private @Nullable BlobWriter writer;

    private long expectedOffset;
    private long storedBytes;

    BlobReceiver(TeamBlobs blobs) {
        this.blobs = blobs;
    }

    /** Takes a chunk; throws IllegalArgumentException with one line when it does not follow the one before. */
    void accept(BlobChunk chunk) throws IOException {
        Digest digest = Digest.parse(chunk.getDigest());
        begin(digest);
        if (chunk.getData().size() > MAX_CHUNK_BYTES) {
            throw new IllegalArgumentException("a chunk of " + digest + " has "
                    + chunk.getData().size() + " bytes, and at most " + MAX_CHUNK_BYTES + " are allowed");
        }
        if (chunk.getOffset() != expectedOffset) {
            throw new IllegalArgumentException("a chunk of " + digest + " is for byte " + chunk.getOffset()
                    + ", and byte " + expectedOffset + " is next");
        }
        expectedOffset += chunk.getData().size();
        BlobWriter into = writer;
        if (into != null) {
            into.write(chunk.getData().asReadOnlyByteBuffer());
            if (chunk.getLast() && into.commit()) {
                storedBytes += into.written();
            }
        }
        if (chunk.getLast()) {
            close();
        }
    }

    /** Bytes that the team had not brought before. */
    long storedBytes() {
        return storedBytes;
    }

    /** Whether a blob is begun and not complete. */
    boolean isInsideBlob() {
        return current != null;
    }

    /** Forgets the blob that is not complete; the next chunk begins another. */
    @Override
    public void close() throws IOException {
        current = null;
        expectedOffset = 0;
        BlobWriter open = writer;
        writer = null;
        if (open != null) {
            open.close();
        }
    }

    private void begin(Digest digest) throws IOException {
        Digest open = current;
        if (open == null) {
            current = digest;
            writer = blobs.holds(digest) ? null : blobs.write(digest);
        } else if (!open.equals(digest)) {
            throw new IllegalArgumentException("a chunk of " + digest + " came before the end of " + open);
        }
    }
}
