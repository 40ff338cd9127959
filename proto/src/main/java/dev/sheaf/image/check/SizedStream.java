package dev.sheaf.image.check;

import dev.sheaf.image.Descriptor;
import dev.sheaf.image.registry.RegistryException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A blob on its way in, counted, and no longer than its manifest says. */
final class SizedStream extends FilterInputStream {
    private final Descriptor expected;
    private long bytes;

    SizedStream(InputStream blob, Descriptor expected) {
        super(blob);
        this.expected = expected;
    }

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
        int count = super.read(buffer, offset, length);
        bytes += Math.max(0, count);
        if (bytes > expected.size()) {
            throw new RegistryException.Inconsistent("the blob " + expected.digest() + " has more than the "
                    + expected.size() + " bytes that its manifest states");
        }
        return count;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
