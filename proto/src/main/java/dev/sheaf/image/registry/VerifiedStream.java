package dev.sheaf.image.registry;

import dev.sheaf.image.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A blob on its way in; its end is reached only if the bytes were those that the digest names. The HTTP client waits for
 * the next byte for ever, so an alarm closes a stream that stands still.
 */
final class VerifiedStream extends InputStream {
    private final InputStream source;
    private final Digest expected;
    private final String where;
    private final MessageDigest hash = Digest.newHash();
    private final Stall stall;
    private boolean ended;
    private volatile boolean stalled;

    /** How long the next bytes may take, and who watches that. */
    record Stall(Duration limit, ScheduledExecutorService watch) {}

    VerifiedStream(InputStream source, Digest expected, String where, Stall stall) {
        this.source = source;
        this.expected = expected;
        this.where = where;
        this.stall = stall;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        int count = read(one, 0, 1);
        return count < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = watched(buffer, offset, length);
        if (count > 0) {
            hash.update(buffer, offset, count);
        } else if (count < 0 && !ended) {
            ended = true;
            Digest found = Digest.ofHash(hash.digest());
            if (!found.equals(expected)) {
                throw new RegistryException.Inconsistent(
                        "the blob " + expected + " " + where + " has other content, of digest " + found);
            }
        }
        return count;
    }

    private int watched(byte[] buffer, int offset, int length) throws IOException {
        ScheduledFuture<?> alarm =
                stall.watch().schedule(this::giveUp, stall.limit().toMillis(), TimeUnit.MILLISECONDS);
        try {
            int count = source.read(buffer, offset, length);
            if (stalled) {
                throw stoodStill(null);
            }
            return count;
        } catch (IOException e) {
            throw stalled ? stoodStill(e) : e;
        } finally {
            alarm.cancel(false);
        }
    }

    private RegistryException stoodStill(@Nullable IOException cause) {
        return new RegistryException.Unavailable(
                "cannot read " + expected + " " + where + ": no bytes came for "
                        + stall.limit().toSeconds() + " s",
                cause,
                null);
    }

    private void giveUp() {
        stalled = true;
        try {
            source.close();
        } catch (IOException _) {
            // The reader is told about the stall, which is what led here.
        }
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
