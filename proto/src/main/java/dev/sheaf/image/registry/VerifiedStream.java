package dev.sheaf.image.registry;

import dev.sheaf.image.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** A blob on its way in; its end is reached only if the bytes were those that the digest names. */
final class VerifiedStream extends InputStream {
    private final InputStream source;
    private final Digest expected;
    private final String where;
    private final MessageDigest hash = Digest.newHash();
    private boolean ended;

    VerifiedStream(InputStream source, Digest expected, String where) {
        this.source = source;
        this.expected = expected;
        this.where = where;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        int count = read(one, 0, 1);
        return count < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = source.read(buffer, offset, length);
        if (count > 0) {
            hash.update(buffer, offset, count);
        } else if (count < 0 && !ended) {
            ended = true;
            Digest found = Digest.ofHash(hash.digest());
            if (!found.equals(expected)) {
                throw new RegistryException.Inconsistent(
                        "the blob " + expected + " in " + where + " has other content, of digest " + found);
            }
        }
        return count;
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
