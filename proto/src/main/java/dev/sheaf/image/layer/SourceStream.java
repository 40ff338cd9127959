package dev.sheaf.image.layer;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * The blob as it comes in. Remembers how reading it failed, so that a broken connection is not taken for a broken
 * layer, and watches that decompression gets on.
 */
final class SourceStream extends FilterInputStream {
    /** Compressed bytes that may go in before anything comes out; honest blocks are below 200 KiB. */
    private static final long MAX_FRUITLESS = 16L << 20;

    private @Nullable IOException failure;
    private long fruitless;

    SourceStream(InputStream blob) {
        super(blob);
    }

    /** What came out of decompression, in bytes. */
    void came(long count) {
        if (count > 0) {
            fruitless = 0;
        }
    }

    @Nullable IOException failure() {
        return failure;
    }

    /** Reads on to the end, where the blob's digest is verified. */
    void drain() throws IOException {
        fruitless = Long.MIN_VALUE;
        byte[] buffer = new byte[64 * 1024];
        while (read(buffer, 0, buffer.length) >= 0) {
            came(0);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        int count = read(one, 0, 1);
        return count < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int count;
        try {
            count = super.read(buffer, offset, length);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
        fruitless += Math.max(0, count);
        if (fruitless > MAX_FRUITLESS) {
            throw new IOException("more than " + MAX_FRUITLESS + " bytes decompress to nothing");
        }
        return count;
    }

    @Override
    public long skip(long count) throws IOException {
        byte[] buffer = new byte[(int) Math.min(count, 64 * 1024)];
        return Math.max(0, read(buffer, 0, buffer.length));
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
