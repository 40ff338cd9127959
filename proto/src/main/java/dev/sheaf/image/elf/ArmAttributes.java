package dev.sheaf.image.elf;

import java.nio.ByteBuffer;

/**
 * Reads the section in which tools say for which ARM processors a file was made. Linkers keep the highest of what each
 * object file says, also of those with code that a program calls only where the processor has it.
 */
final class ArmAttributes {
    private static final String VENDOR = "aeabi";
    private static final int FORMAT = 'A';
    private static final int OF_FILE = 1;
    private static final int CPU_RAW_NAME = 4;
    private static final int CPU_NAME = 5;
    private static final int CPU_ARCH = 6;
    private static final int ADVANCED_SIMD_ARCH = 12;
    private static final int COMPATIBILITY = 32;

    /** The version of ARM for each value of Tag_CPU_arch; what is newer than these is not known. */
    private static final int[] VERSIONS = {4, 4, 4, 5, 5, 5, 6, 6, 6, 6, 7, 6, 6, 7, 8, 8, 8, 8, 0, 0, 0, 8, 9};

    private final ByteBuffer bytes;
    private int at;
    private int architecture = -1;
    private boolean hasSimd;

    private ArmAttributes(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /**
     * 4 to 9 for ARMv4 to v9; 0 if nobody can tell. Nobody can of files with SIMD code: it comes with ARMv7, and libraries
     * such as OpenSSL bring some and try first whether the processor has it.
     */
    static int level(ByteBuffer section) {
        ArmAttributes attributes = new ArmAttributes(section);
        try {
            attributes.sections();
        } catch (IndexOutOfBoundsException _) {
            return 0; // it says that it is longer than it is
        }
        boolean isKnown = attributes.architecture >= 0 && attributes.architecture < VERSIONS.length;
        return isKnown && !attributes.hasSimd ? VERSIONS[attributes.architecture] : 0;
    }

    private void sections() {
        if (bytes.get(at++) != FORMAT) {
            return;
        }
        while (at < bytes.limit()) {
            int end = end(at, 4);
            at += 4;
            if (VENDOR.equals(text())) {
                subsections(end);
            }
            at = end;
        }
    }

    private void subsections(int end) {
        while (at < end) {
            int start = at;
            int tag = number();
            int next = Math.min(end, end(start, at - start + 4));
            at += 4;
            if (tag == OF_FILE) {
                attributes(next);
            }
            at = next;
        }
    }

    private void attributes(int end) {
        while (at < end) {
            int tag = number();
            if (tag == CPU_RAW_NAME || tag == CPU_NAME || (tag > COMPATIBILITY && tag % 2 == 1)) {
                text();
                continue;
            }
            int value = number();
            if (tag == CPU_ARCH) {
                architecture = value;
            } else if (tag == ADVANCED_SIMD_ARCH) {
                hasSimd = value > 0;
            } else if (tag == COMPATIBILITY) {
                text();
            }
        }
    }

    /** Where a part ends that begins there and states its length behind so many bytes; always further on. */
    private int end(int start, int head) {
        long length = Integer.toUnsignedLong(bytes.getInt(start + head - 4));
        if (length < head || length > bytes.limit() - start) {
            throw new IndexOutOfBoundsException("a part of " + length + " bytes");
        }
        return start + (int) length;
    }

    /** A ULEB128 number; what is larger than attributes have comes out as some other number. */
    private int number() {
        int value = 0;
        int shift = 0;
        int next;
        do {
            next = bytes.get(at++);
            value |= shift < 28 ? (next & 0x7f) << shift : 0;
            shift += 7;
        } while (next < 0);
        return value;
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (int next = bytes.get(at++); next != 0; next = bytes.get(at++)) {
            text.append((char) (next & 0xff));
        }
        return text.toString();
    }
}
