package dev.sheaf.cli.context;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.sheaf.cli.context.TreeContext.Blob;
import dev.sheaf.context.ContextPaths;
import dev.sheaf.context.FileModes;
import dev.sheaf.image.Digest;
import dev.sheaf.v1.FileEntry;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/**
 * The files of a tar stream. Their contents lie in one temporary file without a name, which is gone when this is
 * closed or the process ends, however it ends.
 */
final class ArchiveSpool implements AutoCloseable {
    private static final int BUFFER_BYTES = 128 * 1024;
    private static final int TAR_BLOCK = 512;

    /** Position and first byte of the checksum field's end in a tar header. */
    private static final int CHECKSUM_AT = 148;

    private static final int CHECKSUM_LENGTH = 8;

    private final FileChannel spool;
    private final Map<String, FileEntry> entries = new TreeMap<>(ContextPaths.ORDER);
    private final Map<String, Blob> blobs = new HashMap<>();
    private long length;

    private ArchiveSpool(FileChannel spool) {
        this.spool = spool;
    }

    /** Something that is read from an archive. */
    @FunctionalInterface
    private interface Reading<T extends @Nullable Object> {
        T read() throws IOException;
    }

    /** The archive itself is no good, as opposed to the disk or the network. */
    private static final class DamagedException extends IOException {
        private static final long serialVersionUID = 1L;

        DamagedException(Exception found) {
            super("the archive is damaged or cut short (" + words(found) + "); make it again", found);
        }

        private static String words(Exception found) {
            String message = found.getMessage();
            return message == null ? "it ends too early" : message;
        }
    }

    /** A stream whose decoder tells of bad input in one way only. */
    private static final class Decoded extends FilterInputStream {
        Decoded(InputStream decoder) {
            super(decoder);
        }

        @Override
        public int read() throws IOException {
            return intact(super::read);
        }

        @Override
        public int read(byte[] bytes, int start, int count) throws IOException {
            return intact(() -> super.read(bytes, start, count));
        }
    }

    /** Decoders throw this and that, unchecked exceptions included. */
    private static <T extends @Nullable Object> T intact(Reading<T> reading) throws IOException {
        try {
            return reading.read();
        } catch (DamagedException | SocketException | SocketTimeoutException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new DamagedException(e);
        }
    }

    /** The stream without its compression, if it has one that is known here. */
    static BufferedInputStream decompress(InputStream raw) throws IOException {
        BufferedInputStream in = new BufferedInputStream(raw, BUFFER_BYTES);
        String magic = HexFormat.of().formatHex(peek(in, 6));
        if (magic.startsWith("1f8b")) {
            return decoded(() -> new GZIPInputStream(in, BUFFER_BYTES));
        } else if (magic.startsWith("425a68")) {
            return decoded(() -> new BZip2CompressorInputStream(in, true));
        } else if (magic.startsWith("fd377a585a00")) {
            return decoded(() -> new XZInputStream(in));
        } else if (magic.startsWith("28b52ffd")) {
            return decoded(() -> new ZstdInputStreamNoFinalizer(in));
        }
        return in;
    }

    private static BufferedInputStream decoded(Reading<InputStream> decoder) throws IOException {
        return new BufferedInputStream(new Decoded(intact(decoder)), BUFFER_BYTES);
    }

    /** Whether a tar header is next. */
    static boolean isTar(BufferedInputStream in) throws IOException {
        byte[] block = peek(in, TAR_BLOCK);
        if (block.length < TAR_BLOCK) {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < TAR_BLOCK; i++) {
            boolean checksum = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_LENGTH;
            sum += checksum ? ' ' : block[i] & 0xff;
        }
        int stated = 0;
        for (int i = CHECKSUM_AT; i < CHECKSUM_AT + CHECKSUM_LENGTH && block[i] != 0; i++) {
            if (block[i] >= '0' && block[i] <= '7') {
                stated = stated * 8 + block[i] - '0';
            }
        }
        return stated == sum && block[0] != 0;
    }

    /** Reads the whole archive. */
    static ArchiveSpool read(InputStream tar) throws IOException, ContextException {
        Path file = Files.createTempFile("sheaf-context-", ".spool");
        ArchiveSpool spool;
        try {
            spool = new ArchiveSpool(FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
        } finally {
            Files.delete(file);
        }
        try {
            TarArchiveInputStream in = new TarArchiveInputStream(tar, "UTF-8");
            for (TarArchiveEntry entry = next(in); entry != null; entry = next(in)) {
                spool.take(in, entry);
            }
            return spool;
        } catch (IOException | ContextException | RuntimeException e) {
            spool.close();
            throw e;
        }
    }

    private static @Nullable TarArchiveEntry next(TarArchiveInputStream in) throws IOException {
        return intact(in::getNextEntry);
    }

    /** All entries, in the order of a tree. */
    List<FileEntry> entries() {
        return List.copyOf(entries.values());
    }

    Optional<FileEntry> entry(String path) {
        return Optional.ofNullable(entries.get(path));
    }

    Map<String, Blob> blobs() {
        return blobs;
    }

    /** The text of one file of the archive. */
    String text(FileEntry entry) throws IOException {
        Blob blob = blobs.get(entry.getDigest());
        if (blob == null) {
            return "";
        }
        try (InputStream in = blob.open()) {
            return new String(in.readNBytes(BuildContexts.MAX_TEXT_BYTES), java.nio.charset.StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        try {
            spool.close();
        } catch (IOException e) {
            // The file has no name any more: there is nothing left to clean up.
            return;
        }
    }

    private void take(TarArchiveInputStream in, TarArchiveEntry entry) throws IOException, ContextException {
        String path = ContextPaths.clean("/" + entry.getName()).substring(1);
        if (path.isEmpty()) {
            return;
        }
        if (path.indexOf(DirectoryWalk.UNREADABLE) >= 0 || entry.getLinkName().indexOf(DirectoryWalk.UNREADABLE) >= 0) {
            throw new ContextException("the archive holds a name that is not UTF-8: " + path + "; rename it");
        }
        if (List.of(entry.getName().split("/", -1)).contains("..")) {
            throw new ContextException("the archive holds a path with \"..\": " + entry.getName());
        }
        FileEntry.Builder file = FileEntry.newBuilder()
                .setPath(path)
                .setMode(FileModes.permissions(entry.getMode()))
                .setModifiedNanos(DirectoryWalk.nanos(entry.getLastModifiedTime()));
        if (entry.isDirectory()) {
            file.setMode(file.getMode() | FileModes.DIRECTORY);
        } else if (entry.isSymbolicLink()) {
            file.setMode(0777 | FileModes.LINK).setLinkTarget(entry.getLinkName());
        } else if (entry.isLink()) {
            String target = ContextPaths.clean("/" + entry.getLinkName()).substring(1);
            FileEntry linked = entries.get(target);
            if (linked == null) {
                throw new ContextException("the archive links " + path + " to " + target + ", which it does not hold");
            }
            file.mergeFrom(linked)
                    .setPath(path)
                    .setHardLink(linked.getHardLink().isEmpty() ? target : linked.getHardLink());
        } else if (entry.isFile() && in.canReadEntryData(entry)) {
            store(in, file);
        } else if (entry.isFIFO()) {
            file.setMode(file.getMode() | FileModes.PIPE);
        } else if (entry.isCharacterDevice() || entry.isBlockDevice()) {
            int kind = entry.isBlockDevice() ? FileModes.DEVICE : FileModes.DEVICE | FileModes.CHARACTER;
            file.setMode(file.getMode() | kind)
                    .setDeviceMajor(entry.getDevMajor())
                    .setDeviceMinor(entry.getDevMinor());
        } else {
            throw new ContextException(
                    "the archive holds " + path + " in a form that cannot be read; pack it with another tar");
        }
        put(file.build());
    }

    /** Adds an entry, and the directories above it that the archive does not mention. A later entry replaces. */
    private void put(FileEntry entry) throws ContextException {
        String parent = ContextPaths.parent(entry.getPath());
        FileEntry above = entries.get(parent);
        if (!parent.isEmpty() && above == null) {
            put(FileEntry.newBuilder()
                    .setPath(parent)
                    .setMode(FileModes.DIRECTORY | 0755)
                    .build());
        } else if (above != null && !FileModes.isDirectory(above)) {
            throw new ContextException("the archive holds " + entry.getPath() + ", but " + parent + " is no directory");
        }
        FileEntry former = entries.put(entry.getPath(), entry);
        if (former != null && FileModes.isDirectory(former) && !FileModes.isDirectory(entry)) {
            entries.keySet().removeIf(path -> path.startsWith(entry.getPath() + "/"));
        }
    }

    private void store(InputStream in, FileEntry.Builder file) throws IOException {
        MessageDigest hash = Digest.newHash();
        byte[] buffer = new byte[BUFFER_BYTES];
        long start = length;
        for (int count = intact(() -> in.read(buffer)); count >= 0; count = intact(() -> in.read(buffer))) {
            hash.update(buffer, 0, count);
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
            while (bytes.hasRemaining()) {
                length += spool.write(bytes, length);
            }
        }
        String digest = "sha256:" + HexFormat.of().formatHex(hash.digest());
        file.setSize(length - start).setDigest(digest);
        if (blobs.putIfAbsent(digest, new Blob.Spooled(spool, start, file.getPath(), length - start)) != null) {
            // Held already: the next file is written over this copy.
            length = start;
        }
    }

    private static byte[] peek(BufferedInputStream in, int count) throws IOException {
        in.mark(count);
        byte[] bytes = in.readNBytes(count);
        in.reset();
        return bytes;
    }
}
