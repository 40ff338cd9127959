package dev.sheaf.image.layer;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.sheaf.image.Digest;
import dev.sheaf.image.elf.ElfFile;
import dev.sheaf.image.elf.ElfFormatException;
import dev.sheaf.image.elf.ElfReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a layer once, from a stream: a tar, plain or packed by gzip or zstd. Memory is bounded whatever the layer: of a
 * file's content no more is held than what is needed of an ELF header, and the number of things remembered has a limit.
 */
public final class LayerReader {
    private static final int BUFFER_BYTES = 128 * 1024;
    private static final int SCRIPT_LINE = 256; // bytes that the kernel reads of a script
    private static final int MAX_PAX_KEYS = 1_000; // extended attributes and the like, of one entry
    private static final int EXECUTE = 0111;

    private final LayerCollector collector;
    private final LayerLimits limits;

    private LayerReader(LayerLimits limits) {
        this.limits = limits;
        this.collector = new LayerCollector(limits);
    }

    /**
     * Reads a blob to its end, so that a stream that verifies its digest has done so.
     *
     * @param digest of the blob, compressed as it is
     * @throws IOException if the stream failed: another try may help
     * @throws LayerFormatException if the layer is no good or exceeds a limit: another try does not help
     */
    public static LayerFacts read(Digest digest, InputStream blob, LayerLimits limits)
            throws IOException, LayerFormatException {
        SourceStream source = new SourceStream(blob);
        LayerReader reader = new LayerReader(limits);
        try (TarStream tar = new TarStream(decompressed(source), source, limits)) {
            reader.scan(tar);
            tar.content();
            tar.skip(Long.MAX_VALUE);
            source.drain();
            return reader.collector.facts(digest, tar.bytes());
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            requireWholeBlob(source);
            throw new LayerFormatException(words(e), e);
        } catch (LayerFormatException e) {
            requireWholeBlob(source);
            throw e;
        }
    }

    /** The registry may have sent other bytes than those of the digest: only the end of the blob tells. */
    private static void requireWholeBlob(SourceStream source) throws IOException {
        IOException failure = source.failure();
        if (failure != null) {
            throw failure;
        }
        source.drain();
    }

    private static String words(Exception found) {
        String message = found.getMessage();
        return found instanceof TarStream.LimitException && message != null
                ? message
                : "it cannot be unpacked (" + (message == null ? "it ends too early" : message) + ")";
    }

    /** As runtimes do, by the first bytes: media types lie. */
    private static InputStream decompressed(SourceStream source) throws IOException {
        BufferedInputStream in = new BufferedInputStream(source, BUFFER_BYTES);
        in.mark(4);
        byte[] magic = in.readNBytes(4);
        in.reset();
        if (magic.length >= 3 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b && magic[2] == 8) {
            return new BufferedInputStream(new GzipCompressorInputStream(in, true), BUFFER_BYTES);
        }
        if (magic.length == 4 && isZstd(magic)) {
            return new BufferedInputStream(new ZstdInputStreamNoFinalizer(in), BUFFER_BYTES);
        }
        return in;
    }

    /** A frame, or one that is to be skipped: tools put such frames first to align or describe others. */
    private static boolean isZstd(byte[] magic) {
        int number = (magic[0] & 0xff) | (magic[1] & 0xff) << 8 | (magic[2] & 0xff) << 16 | (magic[3] & 0xff) << 24;
        return number == 0xfd2fb528 || (number & 0xfffffff0) == 0x184d2a50;
    }

    /** Notes whether the tar ended in the middle of a header. */
    private static final class LayerTar extends TarArchiveInputStream {
        private final TarStream in;

        LayerTar(TarStream in) {
            super(in, "UTF-8");
            this.in = in;
        }

        @Override
        protected boolean isEOFRecord(byte @Nullable [] record) {
            if (record == null && in.bytes() % 512 != 0) {
                throw new IllegalStateException("it ends in the middle of a tar header, or is no tar at all");
            }
            return record == null || super.isEOFRecord(record);
        }
    }

    @SuppressWarnings("resource") // the caller closes what is below
    private void scan(TarStream in) throws IOException, LayerFormatException {
        LayerTar tar = new LayerTar(in);
        while (true) {
            in.headers();
            TarArchiveEntry entry = tar.getNextEntry();
            in.content();
            if (entry == null) {
                return;
            }
            if (entry.getExtraPaxHeaders().size() > MAX_PAX_KEYS) {
                throw new LayerFormatException("an entry has more than " + MAX_PAX_KEYS + " pax records");
            }
            take(tar, entry);
            skipRest(tar, entry);
        }
    }

    private static void skipRest(LayerTar tar, TarArchiveEntry entry) throws IOException {
        if (!entry.isDirectory()) {
            long skipped;
            do {
                skipped = tar.skip(Long.MAX_VALUE);
            } while (skipped > 0);
        }
    }

    private void take(LayerTar tar, TarArchiveEntry entry) throws IOException, LayerFormatException {
        String path = collector.enter(entry.getName());
        if (path.equals("/") || collector.isWhiteout(path)) {
            return;
        }
        if (entry.isDirectory()) {
            collector.directory(path);
        } else if (entry.isSymbolicLink()) {
            symlink(path, entry.getLinkName());
        } else if (entry.isLink()) {
            collector.hardLink(path, entry.getLinkName());
        } else if (entry.isCharacterDevice() || entry.isBlockDevice() || entry.isFIFO()) {
            collector.plain(path);
        } else if (entry.isFile()) {
            file(tar, path, entry);
        } else {
            collector.odd(path, "is an entry of a kind that runtimes do not know");
        }
    }

    private void symlink(String path, String target) throws LayerFormatException {
        if (target.length() > LayerPaths.MAX_PATH) {
            throw new LayerFormatException("the link " + path + " leads to a path of " + target.length()
                    + " characters, more than the " + LayerPaths.MAX_PATH + " of Linux");
        }
        collector.fact(new FileFacts.Symlink(path, target));
    }

    private void file(LayerTar tar, String path, TarArchiveEntry entry) throws IOException, LayerFormatException {
        boolean executable = (entry.getMode() & EXECUTE) != 0;
        byte[] start = tar.readNBytes(4);
        if (ElfReader.isElf(start)) {
            elf(start, tar, path, entry);
        } else if (!executable) {
            collector.plain(path);
        } else if (start.length >= 2 && start[0] == '#' && start[1] == '!') {
            collector.fact(new FileFacts.Script(path, line(start, tar)));
        } else {
            Optional<String> foreign = foreign(start, entry.getRealSize());
            if (foreign.isPresent()) {
                collector.fact(new FileFacts.Unrunnable(path, foreign.get()));
            } else {
                collector.shapeless(path);
            }
        }
    }

    private void elf(byte[] start, LayerTar rest, String path, TarArchiveEntry entry)
            throws IOException, LayerFormatException {
        boolean executable = (entry.getMode() & EXECUTE) != 0;
        Optional<ElfFile> elf;
        try {
            elf = ElfReader.read(start, rest, entry.getRealSize());
        } catch (ElfFormatException e) {
            if (executable) {
                collector.fact(new FileFacts.Unrunnable(path, "a damaged program (" + e.getMessage() + ")"));
            } else {
                collector.plain(path);
            }
            return;
        }
        if (elf.isPresent() && elf.get().kind() != ElfFile.Kind.OTHER) {
            collector.fact(new FileFacts.Program(path, elf.get(), executable, entry.getRealSize()));
        } else if (executable) {
            collector.shapeless(path);
        } else {
            collector.plain(path);
        }
    }

    /** What follows {@code #!} on the first line, as far as the kernel reads it. */
    private static String line(byte[] start, InputStream rest) throws IOException {
        byte[] more = rest.readNBytes(SCRIPT_LINE - start.length);
        byte[] all = new byte[start.length + more.length];
        System.arraycopy(start, 0, all, 0, start.length);
        System.arraycopy(more, 0, all, start.length, more.length);
        String text = new String(all, 2, all.length - 2, StandardCharsets.UTF_8);
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    private static Optional<String> foreign(byte[] start, long size) {
        if (size == 0) {
            return Optional.of("an empty file");
        }
        if (start.length < 4) {
            return Optional.empty();
        }
        int number = (start[0] & 0xff) << 24 | (start[1] & 0xff) << 16 | (start[2] & 0xff) << 8 | (start[3] & 0xff);
        return switch (number) {
            case 0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe -> Optional.of("a macOS program");
            default -> start[0] == 'M' && start[1] == 'Z' ? Optional.of("a Windows program") : Optional.empty();
        };
    }
}
