package dev.sheaf.image.elf;

import java.nio.ByteBuffer;

/** Reads the note in which linkers say which x86-64 processors a file needs. */
final class GnuProperties {
    private static final int GNU_PROPERTY_TYPE = 5;
    private static final int GNU_NAME = 0x00554e47; // "GNU\0", little-endian as all of x86
    private static final int X86_ISA_NEEDED = 0xc0008002;

    private GnuProperties() {}

    /** 1 to 4 for x86-64-v1 to v4; 0 if the notes do not say. */
    static int level(ByteBuffer notes) {
        int found = 0;
        int at = 0;
        while (at + 12 <= notes.limit()) {
            long name = Integer.toUnsignedLong(notes.getInt(at));
            long size = Integer.toUnsignedLong(notes.getInt(at + 4));
            int type = notes.getInt(at + 8);
            long content = at + 12 + align(name, 4);
            long next = content + align(size, 4);
            if (content + size > notes.limit()) {
                return found;
            }
            if (type == GNU_PROPERTY_TYPE && name == 4 && notes.getInt(at + 12) == GNU_NAME) {
                found = Math.max(found, needed(notes, (int) content, (int) (content + size)));
            }
            at = (int) Math.min(next, Integer.MAX_VALUE - 12);
        }
        return found;
    }

    private static int needed(ByteBuffer notes, int start, int end) {
        int at = start;
        while (at + 8 <= end) {
            int type = notes.getInt(at);
            long size = Integer.toUnsignedLong(notes.getInt(at + 4));
            if (type == X86_ISA_NEEDED && size >= 4 && at + 12 <= end) {
                int bits = notes.getInt(at + 8) & 0xf;
                return 32 - Integer.numberOfLeadingZeros(bits);
            }
            long next = at + 8 + align(size, 8);
            if (next > end) {
                return 0;
            }
            at = (int) next;
        }
        return 0;
    }

    private static long align(long size, int to) {
        return (size + to - 1) / to * to;
    }
}
