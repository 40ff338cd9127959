package dev.sheaf.testregistry;

import dev.sheaf.image.elf.Machine;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Small ELF files that say of themselves what real ones say, byte by byte. */
public final class ElfBytes {
    /** e_type of a program at a fixed address. */
    public static final int EXECUTABLE = 2;

    /** e_type of a shared library or a program at any address. */
    public static final int SHARED = 3;

    private static final int PT_LOAD = 1;
    private static final int PT_INTERP = 3;
    private static final int PT_NOTE = 4;
    private static final int PT_GNU_PROPERTY = 0x6474e553;

    private final int machine;
    private final boolean wide;
    private final ByteOrder order;
    private int type = EXECUTABLE;
    private int flags;
    private final List<Segment> segments = new ArrayList<>();

    private byte[] attributes = {};

    private record Segment(int type, byte[] content) {}

    private ElfBytes(int machine, boolean wide, boolean bigEndian) {
        this.machine = machine;
        this.wide = wide;
        this.order = bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }

    /** A file for any machine. */
    public static ElfBytes of(int machine, boolean wide, boolean bigEndian) {
        return new ElfBytes(machine, wide, bigEndian);
    }

    /** A 64-bit little-endian file. */
    public static ElfBytes of(Machine machine) {
        return new ElfBytes(machine.number(), true, false);
    }

    /** For linux/amd64. */
    public static ElfBytes amd64() {
        return of(Machine.X86_64);
    }

    /** For linux/arm64. */
    public static ElfBytes arm64() {
        return of(Machine.AARCH64);
    }

    /** For linux/arm, as compilers make it for hard-float Debian. */
    public static ElfBytes arm() {
        return of(Machine.ARM.number(), false, false).flags(0x05000400);
    }

    /** For linux/386. */
    public static ElfBytes i386() {
        return of(Machine.I386.number(), false, false);
    }

    /** Sets e_type. */
    public ElfBytes type(int value) {
        type = value;
        return this;
    }

    /** A shared library. */
    public ElfBytes library() {
        return type(SHARED);
    }

    /** Sets e_flags. */
    public ElfBytes flags(int value) {
        flags = value;
        return this;
    }

    /** Asks for this dynamic loader. */
    public ElfBytes loader(String path) {
        segments.add(new Segment(PT_INTERP, (path + "\0").getBytes(StandardCharsets.UTF_8)));
        return this;
    }

    /** Needs x86-64 processors of this level: bit 0 for v1 to bit 3 for v4. */
    public ElfBytes isaNeeded(int bits) {
        ByteBuffer note = ByteBuffer.allocate(48).order(order);
        // A property of another kind comes first, as linkers write them.
        note.putInt(4).putInt(32).putInt(5).put("GNU\0".getBytes(StandardCharsets.US_ASCII));
        note.putInt(0xc0000002).putInt(4).putInt(3).putInt(0);
        note.putInt(0xc0008002).putInt(4).putInt(bits).putInt(0);
        segments.add(new Segment(PT_NOTE, note.array()));
        segments.add(new Segment(PT_GNU_PROPERTY, note.array()));
        return this;
    }

    /**
     * Has a section with ARM's attributes, as linkers write it.
     *
     * @param architecture value of Tag_CPU_arch
     * @param simd value of Tag_Advanced_SIMD_arch, 0 for none
     */
    public ElfBytes armAttributes(int architecture, int simd) {
        ByteArrayOutputStream tags = new ByteArrayOutputStream();
        tags.write(5);
        tags.writeBytes("7-A\0".getBytes(StandardCharsets.US_ASCII));
        tags.writeBytes(new byte[] {6, (byte) architecture, 7, 'A', 8, 1, 12, (byte) simd});
        tags.writeBytes(new byte[] {(byte) 0xff, 1, 'x', 0}); // 127, odd: a text
        int file = 5 + tags.size();
        byte[] vendor = "aeabi\0".getBytes(StandardCharsets.US_ASCII);
        return armAttributes(ByteBuffer.allocate(1 + 4 + vendor.length + file)
                .order(order)
                .put((byte) 'A')
                .putInt(4 + vendor.length + file)
                .put(vendor)
                .put((byte) 1)
                .putInt(file)
                .put(tags.toByteArray())
                .array());
    }

    /** Has a section with these bytes as ARM's attributes. */
    public ElfBytes armAttributes(byte[] section) {
        attributes = section;
        return this;
    }

    /** The file. */
    public byte[] bytes() {
        return bytes(0);
    }

    /** The file with its program headers, and all behind them, this many bytes into it. */
    public byte[] bytes(int gap) {
        int head = wide ? 64 : 52;
        int each = wide ? 56 : 32;
        int count = segments.size() + 1;
        int at = head + gap + count * each;
        int end = at
                + segments.stream()
                        .mapToInt(segment -> segment.content().length + 8)
                        .sum()
                + 16;
        ByteBuffer file = ByteBuffer.allocate(end).order(order);
        header(file, head + gap, each, count);
        file.position(head + gap);
        segment(file, PT_LOAD, 0, end);
        ByteArrayOutputStream contents = new ByteArrayOutputStream();
        for (Segment segment : segments) {
            segment(file, segment.type(), at + contents.size(), segment.content().length);
            contents.writeBytes(segment.content());
        }
        file.position(at);
        file.put(contents.toByteArray());
        return attributes.length == 0 ? file.array() : withSections(file.array());
    }

    /** The same with the attributes and a table of sections behind it, which no segment loads. */
    private byte[] withSections(byte[] loaded) {
        int each = 40;
        int table = loaded.length + attributes.length;
        ByteBuffer file =
                ByteBuffer.allocate(table + 2 * each).order(order).put(loaded).put(attributes);
        file.position(table + each); // the first section is none
        file.putInt(0)
                .putInt(0x70000003)
                .putInt(0)
                .putInt(0)
                .putInt(loaded.length)
                .putInt(attributes.length);
        file.putInt(32, table).putShort(46, (short) each).putShort(48, (short) 2);
        return file.array();
    }

    private void header(ByteBuffer file, int headersAt, int each, int count) {
        file.put(new byte[] {
            0x7f, 'E', 'L', 'F', (byte) (wide ? 2 : 1), (byte) (order == ByteOrder.BIG_ENDIAN ? 2 : 1), 1
        });
        file.position(16);
        file.putShort((short) type).putShort((short) machine).putInt(1);
        if (wide) {
            file.putLong(0x400000).putLong(headersAt).putLong(0);
        } else {
            file.putInt(0x10000).putInt(headersAt).putInt(0);
        }
        file.putInt(flags)
                .putShort((short) (wide ? 64 : 52))
                .putShort((short) each)
                .putShort((short) count);
    }

    private void segment(ByteBuffer file, int kind, long offset, long size) {
        if (wide) {
            file.putInt(kind)
                    .putInt(5)
                    .putLong(offset)
                    .putLong(0)
                    .putLong(0)
                    .putLong(size)
                    .putLong(size)
                    .putLong(8);
        } else {
            file.putInt(kind)
                    .putInt((int) offset)
                    .putInt(0)
                    .putInt(0)
                    .putInt((int) size)
                    .putInt((int) size);
            file.putInt(5).putInt(8);
        }
    }
}
