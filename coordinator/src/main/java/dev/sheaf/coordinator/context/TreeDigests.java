package dev.sheaf.coordinator.context;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.sheaf.image.Digest;
import dev.sheaf.v1.ContextTree;
import dev.sheaf.v1.FileEntry;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/** The digests that a tree names, 32 bytes each: about 50 MB for a million files. Immutable. */
final class TreeDigests {
    private static final Comparator<byte[]> ORDER = Arrays::compareUnsigned;

    private static final int READ_BYTES = 64 * 1024;

    private final byte[][] sorted;

    private TreeDigests(List<byte[]> digests) {
        this.sorted = digests.toArray(byte[][]::new);
        Arrays.sort(sorted, ORDER);
    }

    static TreeDigests read(BlobReader tree) throws IOException {
        List<byte[]> digests = new ArrayList<>();
        walk(tree, digest -> digests.add(bytes(digest)));
        return new TreeDigests(digests);
    }

    /** Reads what a tree names, entry by entry, never as a whole. */
    static void walk(BlobReader tree, Consumer<Digest> named) throws IOException {
        walk(tree, (_, entry) -> {
            if (!entry.getDigest().isEmpty()) {
                named.accept(digest(entry));
            }
        });
    }

    /** Takes an entry of a tree. */
    @FunctionalInterface
    interface Visitor {
        /** The entry, and the number of the tree's field that it is in. */
        void visit(int field, FileEntry entry) throws IOException;
    }

    /** Reads a tree entry by entry, never as a whole. */
    static void walk(BlobReader tree, Visitor visitor) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(new Bytes(tree));
        in.setSizeLimit(Integer.MAX_VALUE);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int field = WireFormat.getTagFieldNumber(tag);
            switch (field) {
                case ContextTree.ENTRIES_FIELD_NUMBER, ContextTree.DOCKERFILE_ENTRIES_FIELD_NUMBER ->
                    visitor.visit(field, FileEntry.parseFrom(in.readByteBuffer()));
                default -> in.skipField(tag);
            }
        }
    }

    boolean contains(Digest digest) {
        return Arrays.binarySearch(sorted, bytes(digest), ORDER) >= 0;
    }

    static Digest digest(FileEntry entry) throws IOException {
        try {
            return Digest.parse(entry.getDigest());
        } catch (IllegalArgumentException e) {
            throw new IOException("a tree names a blob wrongly: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(Digest digest) {
        return HexFormat.of().parseHex(digest.hex());
    }

    /** The blob as a stream. */
    private static final class Bytes extends InputStream {
        private final BlobReader reader;

        Bytes(BlobReader reader) {
            this.reader = reader;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (reader.position() == reader.size()) {
                return -1;
            }
            byte[] piece = reader.next(Math.min(length, READ_BYTES));
            System.arraycopy(piece, 0, target, offset, piece.length);
            return piece.length;
        }
    }
}
