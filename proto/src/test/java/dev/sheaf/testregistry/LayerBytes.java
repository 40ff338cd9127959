package dev.sheaf.testregistry;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.sheaf.image.Digest;
import dev.sheaf.image.layer.LayerFacts;
import dev.sheaf.image.layer.LayerFormatException;
import dev.sheaf.image.layer.LayerLimits;
import dev.sheaf.image.layer.LayerReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** A layer as an engine writes it, entry by entry. */
public final class LayerBytes {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean finished;
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

    /** Without entries yet. */
    public LayerBytes() {
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    }

    /** A file with a mode such as 0755. */
    public LayerBytes file(String path, int mode, byte[] content) {
        TarArchiveEntry entry = new TarArchiveEntry(path, true);
        entry.setMode(mode);
        entry.setSize(content.length);
        return put(entry, content);
    }

    /** An executable file of ELF. */
    public LayerBytes program(String path, ElfBytes elf) {
        return file(path, 0755, elf.bytes());
    }

    /** A shared library of ELF, not executable. */
    public LayerBytes library(String path, ElfBytes elf) {
        return file(path, 0644, elf.library().bytes());
    }

    /** An executable text. */
    public LayerBytes script(String path, String text) {
        return file(path, 0755, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A text. */
    public LayerBytes text(String path, String text) {
        return file(path, 0644, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A directory. */
    public LayerBytes directory(String path) {
        return put(new TarArchiveEntry(path + "/", true), new byte[0]);
    }

    /** A symbolic link. */
    public LayerBytes symlink(String path, String target) {
        return link(path, target, TarConstants.LF_SYMLINK);
    }

    /** A hard link. */
    public LayerBytes hardLink(String path, String target) {
        return link(path, target, TarConstants.LF_LINK);
    }

    /** Deletes a file of lower layers. */
    public LayerBytes whiteout(String directory, String name) {
        return file(directory + "/.wh." + name, 0, new byte[0]);
    }

    /** Deletes what lower layers have in a directory. */
    public LayerBytes opaque(String directory) {
        return file(directory + "/.wh..wh..opq", 0, new byte[0]);
    }

    private LayerBytes link(String path, String target, byte kind) {
        TarArchiveEntry entry = new TarArchiveEntry(path, kind, true);
        entry.setLinkName(target);
        return put(entry, new byte[0]);
    }

    /** Any entry. */
    public LayerBytes put(TarArchiveEntry entry, byte[] content) {
        entry.setLastModifiedTime(FileTime.fromMillis(0)); // the same layer always has the same digest
        try {
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The tar. */
    public byte[] tar() {
        try {
            if (!finished) {
                tar.finish();
                tar.flush();
                finished = true;
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The tar, packed by gzip. */
    public byte[] gzip() {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(tar());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    /** The tar, packed by zstd. */
    public byte[] zstd() {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new ZstdOutputStreamNoFinalizer(packed)) {
            out.write(tar());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    /** What reading it finds. */
    public LayerFacts facts() {
        byte[] blob = tar();
        try {
            return LayerReader.read(Digest.of(blob), new ByteArrayInputStream(blob), LayerLimits.DEFAULT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (LayerFormatException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
