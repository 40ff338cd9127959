package dev.sheaf.image.elf;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads what is needed of an ELF file in one pass: its beginning, and then at most a few small pieces further on, for
 * files whose program headers were moved to the end.
 */
public final class ElfReader {
    private static final int PREFIX_BYTES = 64 * 1024;
    private static final int MAX_HEADERS = 2_048; // program headers; linkers make about a dozen
    private static final int MAX_INTERPRETER = 4_096; // bytes: the longest path
    private static final int MAX_NOTES = 64 * 1024; // bytes of one note segment
    private static final int HEADER_32 = 52;
    private static final int HEADER_64 = 64;
    private static final int PT_LOAD = 1;
    private static final int PT_INTERP = 3;
    private static final int PT_NOTE = 4;
    private static final int PT_GNU_PROPERTY = 0x6474e553;
    private static final int SHT_ARM_ATTRIBUTES = 0x70000003;
    private static final int TAIL_BYTES = 64 * 1024; // of what follows the segments
    private static final int MAX_SECTIONS = 2_048; // linkers make about forty

    private final InputStream in;
    private final byte[] prefix;
    private final int length; // of what the prefix holds
    private long position;
    private boolean wide;
    private ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    private boolean cutShort;

    private ElfReader(byte[] start, InputStream rest) throws IOException {
        this.in = rest;
        this.prefix = Arrays.copyOf(start, Math.max(start.length, PREFIX_BYTES));
        int more = rest.readNBytes(prefix, start.length, prefix.length - start.length);
        this.length = start.length + more;
        this.position = length;
    }

    /** A program header, as far as it matters. */
    private record Segment(int type, long offset, long size) {}

    /** Whether these are the first bytes of an ELF file; four are enough. */
    public static boolean isElf(byte[] start) {
        return start.length >= 4 && start[0] == 0x7f && start[1] == 'E' && start[2] == 'L' && start[3] == 'F';
    }

    /**
     * Reads a file from its first byte; does not read it to its end.
     *
     * @param size of the file, in bytes
     * @return nothing if the file is for no machine that Linux runs on
     */
    public static Optional<ElfFile> read(InputStream file, long size) throws IOException {
        return read(new byte[0], file, size);
    }

    /** Reads a file whose first bytes were read already. */
    public static Optional<ElfFile> read(byte[] start, InputStream rest, long size) throws IOException {
        return new ElfReader(start, rest).read(size);
    }

    private Optional<ElfFile> read(long size) throws IOException {
        if (length < HEADER_32 || !isElf(prefix)) {
            throw new ElfFormatException("it is shorter than an ELF header");
        }
        wide = switch (prefix[4]) {
            case 1 -> false;
            case 2 -> true;
            default -> throw new ElfFormatException("its class " + prefix[4] + " is neither 32 nor 64 bits");
        };
        order = switch (prefix[5]) {
            case 1 -> ByteOrder.LITTLE_ENDIAN;
            case 2 -> ByteOrder.BIG_ENDIAN;
            default -> throw new ElfFormatException("its byte order " + prefix[5] + " is none");
        };
        if (length < (wide ? HEADER_64 : HEADER_32)) {
            throw new ElfFormatException("it is shorter than an ELF header");
        }
        ByteBuffer head = buffer(prefix);
        Optional<Machine> machine = Machine.of(Short.toUnsignedInt(head.getShort(18)));
        if (machine.isEmpty()) {
            return Optional.empty();
        }
        ElfFile.Kind kind = kind(Short.toUnsignedInt(head.getShort(16)));
        int flags = head.getInt(wide ? 48 : 36);
        List<Segment> segments = kind == ElfFile.Kind.OTHER ? List.of() : segments(head);
        cutShort |= segments.stream()
                .anyMatch(segment -> segment.type() == PT_LOAD && segment.size() > size - segment.offset());
        String interpreter = null;
        int level = machine.get() == Machine.X86_64 && wide ? 1 : 0;
        boolean properties = segments.stream().anyMatch(segment -> segment.type() == PT_GNU_PROPERTY);
        for (Segment segment : segments) {
            if (segment.type() == PT_INTERP) {
                interpreter = path(segment);
            } else if (level > 0 && segment.type() == (properties ? PT_GNU_PROPERTY : PT_NOTE)) {
                level = Math.max(level, level(segment));
            }
        }
        if (machine.get() == Machine.ARM && !wide) {
            level = armLevel(head, segments, size);
        }
        boolean bigEndian = order == ByteOrder.BIG_ENDIAN;
        return Optional.of(new ElfFile(
                machine.get(), wide, bigEndian, kind, flags, Optional.ofNullable(interpreter), level, cutShort));
    }

    private static ElfFile.Kind kind(int type) {
        return switch (type) {
            case 2 -> ElfFile.Kind.EXECUTABLE;
            case 3 -> ElfFile.Kind.SHARED;
            default -> ElfFile.Kind.OTHER;
        };
    }

    /** The segments in the order of the file, which is the order in which a stream can be read. */
    private List<Segment> segments(ByteBuffer head) throws IOException {
        long at = wide ? head.getLong(32) : Integer.toUnsignedLong(head.getInt(28));
        int each = Short.toUnsignedInt(head.getShort(wide ? 54 : 42));
        int count = Short.toUnsignedInt(head.getShort(wide ? 56 : 44));
        if (count == 0) {
            return List.of();
        }
        if (each < (wide ? 56 : 32) || each > 256 || count > MAX_HEADERS) {
            throw new ElfFormatException("it states " + count + " program headers of " + each + " bytes");
        }
        byte[] table = piece(at, count * each);
        if (table == null) {
            return List.of();
        }
        ByteBuffer bytes = buffer(table);
        List<Segment> found = new ArrayList<>(count);
        for (int start = 0; start + each <= table.length; start += each) {
            long offset = wide ? bytes.getLong(start + 8) : Integer.toUnsignedLong(bytes.getInt(start + 4));
            long size = wide ? bytes.getLong(start + 32) : Integer.toUnsignedLong(bytes.getInt(start + 16));
            if (offset < 0 || size < 0) {
                throw new ElfFormatException("a segment of it begins or ends beyond all files");
            }
            found.add(new Segment(bytes.getInt(start), offset, size));
        }
        found.sort(Comparator.comparingLong(Segment::offset));
        return found;
    }

    private @Nullable String path(Segment segment) throws IOException {
        if (segment.size() < 2 || segment.size() > MAX_INTERPRETER) {
            throw new ElfFormatException("the path of its loader has " + segment.size() + " bytes");
        }
        byte[] bytes = piece(segment.offset(), (int) segment.size());
        if (bytes == null) {
            return null;
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    private int level(Segment segment) throws IOException {
        byte[] notes = segment.size() > MAX_NOTES ? null : piece(segment.offset(), (int) segment.size());
        return notes == null ? 0 : GnuProperties.level(buffer(notes));
    }

    /**
     * What the section with ARM's attributes says. It lies between the segments and the table of sections: what follows
     * the segments is kept, and looked into when the table has said where. Without such a table nobody knows.
     */
    private int armLevel(ByteBuffer head, List<Segment> segments, long size) throws IOException {
        long at = Integer.toUnsignedLong(head.getInt(32));
        int each = Short.toUnsignedInt(head.getShort(46));
        int count = Short.toUnsignedInt(head.getShort(48));
        if (count == 0 || count > MAX_SECTIONS || each < 40 || each > 256 || at + (long) count * each > size) {
            return 0;
        }
        boolean wasCutShort = cutShort;
        long loaded = segments.stream()
                .filter(segment -> segment.type() == PT_LOAD)
                .mapToLong(segment -> segment.offset() + segment.size())
                .max()
                .orElse(0);
        Bytes tail = tail(Math.min(loaded, at));
        byte[] table = tail.piece(at, count * each).orElse(null);
        if (table == null) {
            table = piece(at, count * each);
        }
        cutShort = wasCutShort; // nothing of this is loaded
        if (table == null) {
            return 0;
        }
        ByteBuffer sections = buffer(table);
        for (int start = 0; start < table.length; start += each) {
            if (sections.getInt(start + 4) == SHT_ARM_ATTRIBUTES) {
                long offset = Integer.toUnsignedLong(sections.getInt(start + 16));
                long length = Integer.toUnsignedLong(sections.getInt(start + 20));
                return length > TAIL_BYTES
                        ? 0
                        : new Bytes(0, Arrays.copyOf(prefix, this.length))
                                .piece(offset, (int) length)
                                .or(() -> tail.piece(offset, (int) length))
                                .map(attributes -> ArmAttributes.level(buffer(attributes)))
                                .orElse(0);
            }
        }
        return 0;
    }

    /** A part of the file, and where it begins. */
    private record Bytes(long start, byte[] content) {
        Optional<byte[]> piece(long offset, int size) {
            long from = offset - start;
            return from < 0 || from > content.length - size
                    ? Optional.empty()
                    : Optional.of(Arrays.copyOfRange(content, (int) from, (int) from + size));
        }
    }

    /** What follows there, as far as the stream is not past it already. */
    private Bytes tail(long start) throws IOException {
        if (start >= length && start >= position) {
            byte[] found = upTo(start, TAIL_BYTES);
            return new Bytes(start, found);
        }
        if (start < length && position == length) {
            byte[] before = Arrays.copyOfRange(prefix, (int) start, length);
            byte[] after = upTo(position, TAIL_BYTES);
            byte[] both = Arrays.copyOf(before, before.length + after.length);
            System.arraycopy(after, 0, both, before.length, after.length);
            return new Bytes(start, both);
        }
        return new Bytes(start, new byte[0]);
    }

    private byte[] upTo(long offset, int size) throws IOException {
        try {
            in.skipNBytes(offset - position);
        } catch (EOFException _) {
            position = Long.MAX_VALUE;
            return new byte[0];
        }
        byte[] found = in.readNBytes(size);
        position = offset + found.length;
        return found;
    }

    /** These bytes of the file; null if the stream is past them already or the file ends before. */
    private byte @Nullable [] piece(long offset, int size) throws IOException {
        if (offset >= 0 && offset <= length - size) {
            byte[] found = new byte[size];
            System.arraycopy(prefix, (int) offset, found, 0, size);
            return found;
        }
        if (offset < position) {
            // What straddles the end of the prefix, or overlaps a piece that was read, is rare: it stays unknown.
            return null;
        }
        try {
            in.skipNBytes(offset - position);
        } catch (EOFException _) {
            cutShort = true;
            position = Long.MAX_VALUE;
            return null;
        }
        byte[] found = in.readNBytes(size);
        position = offset + found.length;
        cutShort |= found.length < size;
        return found.length < size ? null : found;
    }

    private ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(order);
    }
}
