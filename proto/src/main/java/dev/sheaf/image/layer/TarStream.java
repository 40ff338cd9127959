package dev.sheaf.image.layer;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

/** The uncompressed tar, counted: all of it, and the part that the headers of one entry take. */
final class TarStream extends FilterInputStream {
    private static final int SKIP_BYTES = 64 * 1024;

    private final SourceStream source;
    private final LayerLimits limits;
    private final byte[] skipped = new byte[SKIP_BYTES];
    private long bytes;
    private long headerEnd = Long.MAX_VALUE;

    TarStream(InputStream in, SourceStream source, LayerLimits limits) {
        super(in);
        this.source = source;
        this.limits = limits;
    }

    /** A limit was exceeded. */
    static final class LimitException extends IOException {
        private static final long serialVersionUID = 1L;

        LimitException(String message) {
            super(message);
        }
    }

    /** From here on come headers, until {@link #content}. */
    void headers() {
        headerEnd = bytes + limits.headerBytes();
    }

    /** From here on comes a file's content, of any length. */
    void content() {
        headerEnd = Long.MAX_VALUE;
    }

    /** So far. */
    long bytes() {
        return bytes;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        int count = read(one, 0, 1);
        return count < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (Thread.interrupted()) {
            throw new InterruptedIOException("reading a layer was interrupted");
        }
        int count = super.read(buffer, offset, length);
        if (count > 0) {
            source.came(count);
            bytes += count;
        }
        if (bytes > limits.bytes()) {
            throw new LimitException("it unpacks to more than " + limits.bytes() + " bytes (limit bytes)");
        }
        if (bytes > headerEnd) {
            throw new LimitException(
                    "the headers of one entry have more than " + limits.headerBytes() + " bytes (limit headerBytes)");
        }
        return count;
    }

    @Override
    public long skip(long count) throws IOException {
        long done = 0;
        while (done < count) {
            int read = read(skipped, 0, (int) Math.min(count - done, skipped.length));
            if (read < 0) {
                return done;
            }
            done += read;
        }
        return done;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
