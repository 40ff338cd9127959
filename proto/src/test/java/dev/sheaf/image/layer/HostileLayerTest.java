package dev.sheaf.image.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sheaf.image.Digest;
import dev.sheaf.testregistry.ElfBytes;
import dev.sheaf.testregistry.LayerBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipEncodingHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers that no honest engine writes: each is read within limits, or refused in a sentence that names one. */
final class HostileLayerTest {
    private static final Digest DIGEST = Digest.of(new byte[0]);
    private static final LayerLimits SMALL = new LayerLimits(1 << 20, 1 << 20, 100, 10, 1_000, 16_384);

    private static LayerFacts read(byte[] blob, LayerLimits limits) throws Exception {
        return LayerReader.read(DIGEST, new ByteArrayInputStream(blob), limits);
    }

    private static void refused(byte[] blob, LayerLimits limits, String words) {
        assertThatThrownBy(() -> read(blob, limits))
                .isInstanceOf(LayerFormatException.class)
                .hasMessageContaining(words);
    }

    @Test
    void read_pathsOutOfTheImage_stayInsideAndAreTold() throws Exception {
        LayerFacts facts = read(
                new LayerBytes()
                        .program("../../etc/cron.d/evil", ElfBytes.amd64())
                        .program("/absolute", ElfBytes.amd64())
                        .program("a/../b", ElfBytes.amd64())
                        .hardLink("link", "../../../etc/shadow")
                        .tar(),
                LayerLimits.DEFAULT);
        assertThat(facts.files()).extracting(FileFacts::path).containsExactly("/etc/cron.d/evil", "/absolute", "/b");
        assertThat(facts.oddities()).extracting(LayerFacts.Oddity::path).containsExactly("/etc/cron.d/evil", "/link");
    }

    @Test
    void read_deviceNodesAndPipes_areJustNames() throws Exception {
        LayerBytes layer = new LayerBytes();
        for (byte kind : new byte[] {TarConstants.LF_CHR, TarConstants.LF_BLK, TarConstants.LF_FIFO}) {
            layer.put(new TarArchiveEntry("dev/n" + kind, kind, true), new byte[0]);
        }
        LayerFacts facts = read(layer.tar(), LayerLimits.DEFAULT);
        assertThat(facts.plain().size()).isEqualTo(3);
        assertThat(facts.oddities()).isEmpty();
    }

    @Test
    void read_moreEntriesThanAllowed_isRefused() throws Exception {
        LayerBytes layer = new LayerBytes();
        IntStream.range(0, 101).forEach(i -> layer.text("f" + i, ""));
        refused(layer.tar(), SMALL, "more than 100 entries (limit entries)");
    }

    @Test
    void read_moreFactsThanAllowed_isRefused() {
        LayerBytes layer = new LayerBytes();
        IntStream.range(0, 11).forEach(i -> layer.symlink("f" + i, "x"));
        refused(layer.tar(), SMALL, "more than 10 programs, scripts and links (limit facts)");
        LayerBytes longLinks = new LayerBytes();
        IntStream.range(0, 4).forEach(i -> longLinks.symlink("f" + i, "x".repeat(400)));
        refused(longLinks.tar(), SMALL, "more than 1000 characters (limit factCharacters)");
    }

    @Test
    void read_absurdPaths_areRefused() {
        refused(
                new LayerBytes().text("d/".repeat(3_000) + "f", "").tar(),
                LayerLimits.DEFAULT,
                "more than the 4096 of Linux");
        refused(
                new LayerBytes().symlink("f", "x".repeat(5_000)).tar(),
                LayerLimits.DEFAULT,
                "more than the 4096 of Linux");
    }

    @Test
    void read_manyDeepDirectories_areRefused() {
        LayerBytes layer = new LayerBytes();
        IntStream.range(0, 50).forEach(i -> layer.text("p" + i + "/d".repeat(20) + "/f", ""));
        refused(layer.tar(), SMALL, "more than 400 directories");
    }

    @Test
    void read_absurdPaxHeaders_areRefused() {
        TarArchiveEntry many = new TarArchiveEntry("f", true);
        IntStream.range(0, 1_100).forEach(i -> many.addPaxHeader("SHEAF.k" + i, "v"));
        refused(new LayerBytes().put(many, new byte[0]).tar(), LayerLimits.DEFAULT, "more than 1000 pax records");

        TarArchiveEntry large = new TarArchiveEntry("f", true);
        large.addPaxHeader("SHEAF.k", "v".repeat(2 << 20));
        refused(
                new LayerBytes().put(large, new byte[0]).tar(),
                LayerLimits.DEFAULT,
                "more than 1048576 bytes (limit headerBytes)");
    }

    /** Global headers hold for all entries after them: a reader that keeps them all runs out of memory. */
    @Test
    void read_globalPaxHeadersWithoutEnd_areRefused() {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        for (int i = 0; i < 1_100; i++) {
            byte[] record = record("SHEAF.k" + i, "v");
            TarArchiveEntry global = new TarArchiveEntry("global", TarConstants.LF_PAX_GLOBAL_EXTENDED_HEADER);
            global.setSize(record.length);
            byte[] header = new byte[512];
            star(global, header);
            tar.writeBytes(header);
            tar.writeBytes(Arrays.copyOf(record, 512));
            tar.writeBytes(header("f" + i, 0));
        }
        refused(tar.toByteArray(), LayerLimits.DEFAULT, "more than 1000 pax records");
    }

    private static void star(TarArchiveEntry entry, byte[] header) {
        try {
            entry.writeEntryHeader(header, ZipEncodingHelper.getZipEncoding("UTF-8"), true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] record(String key, String value) {
        int length = key.length() + value.length() + 3;
        length += String.valueOf(length + String.valueOf(length).length()).length();
        return (length + " " + key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void read_longNameWithoutEnd_isRefused() {
        TarArchiveEntry name = new TarArchiveEntry("././@LongLink", TarConstants.LF_GNUTYPE_LONGNAME);
        name.setSize(3 << 20);
        refused(new LayerBytes().put(name, new byte[3 << 20]).tar(), LayerLimits.DEFAULT, "limit headerBytes");
    }

    @Test
    void read_bomb_endsAtItsLimit() throws Exception {
        byte[] bomb = zeros(64 << 20);
        assertThat(bomb.length).isLessThan(100_000);
        refused(
                bomb,
                new LayerLimits(1 << 20, 16 << 20, 100, 10, 1_000, 16_384),
                "unpacks to more than 16777216 bytes (limit bytes)");
        // What follows the end of the tar counts too.
        refused(
                joined(gzip(new byte[1_024]), bomb),
                new LayerLimits(1 << 20, 16 << 20, 100, 10, 1_000, 16_384),
                "limit bytes");
    }

    private static byte[] zeros(int size) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(header("zeros", size));
            byte[] block = new byte[1 << 20];
            for (int done = 0; done < size; done += block.length) {
                out.write(block);
            }
        }
        return packed.toByteArray();
    }

    /** The header of an entry that claims this size. */
    private static byte[] header(String name, long size) {
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setMode(0755);
        entry.setSize(size);
        byte[] header = new byte[512];
        star(entry, header);
        return header;
    }

    @Test
    void read_tenGigabytesOfHoles_takeTheirTimeAndNoMemory() throws Exception {
        long size = 10L << 30;
        InputStream tar = sequence(
                4,
                part -> new ByteArrayInputStream(
                        switch (part) {
                            case 0 -> header("disk.img", size);
                            case 2 ->
                                new LayerBytes()
                                        .program("bin/after", ElfBytes.arm64())
                                        .tar();
                            default -> new byte[0];
                        }),
                size);
        LayerFacts facts = LayerReader.read(DIGEST, tar, LayerLimits.DEFAULT);
        assertThat(facts.bytes()).isGreaterThan(size);
        assertThat(facts.files()).extracting(FileFacts::path).containsExactly("/bin/after");
    }

    /** Parts in a row; the second is this many zeros. */
    private static InputStream sequence(int parts, IntFunction<InputStream> part, long zeros) {
        List<InputStream> all = IntStream.range(0, parts)
                .mapToObj(i -> i == 1 ? new Zeros(zeros) : part.apply(i))
                .toList();
        return new SequenceInputStream(Collections.enumeration(all));
    }

    private static final class Zeros extends InputStream {
        private long left;

        Zeros(long count) {
            this.left = count;
        }

        @Override
        public int read() {
            return left-- > 0 ? 0 : -1;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            if (left <= 0) {
                return -1;
            }
            int count = (int) Math.min(left, length);
            Arrays.fill(buffer, offset, offset + count, (byte) 0);
            left -= count;
            return count;
        }
    }

    @Test
    void read_sparseFilesOfGnuTar_areReadAsTheFilesTheyAre(@TempDir Path directory) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/tar")), "no GNU tar here");
        Path file = directory.resolve("big");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(ElfBytes.arm64().bytes()));
            for (int i = 1; i < 40; i++) {
                channel.write(ByteBuffer.wrap(new byte[] {1}), i * (32L << 20));
            }
        }
        assertThat(file.toFile().setExecutable(true)).isTrue();
        Files.write(directory.resolve("zafter"), ElfBytes.amd64().bytes());
        for (String format : List.of("gnu", "posix")) {
            Path tar = directory.resolve(format + ".tar");
            Process process = new ProcessBuilder(
                            "tar",
                            "--sparse",
                            "--format=" + format,
                            "-cf",
                            tar.toString(),
                            "-C",
                            directory.toString(),
                            "big",
                            "zafter")
                    .redirectErrorStream(true)
                    .start();
            assertThat(process.waitFor()).isZero();
            assertThat(Files.size(tar)).isLessThan(2 << 20);
            LayerFacts facts = read(Files.readAllBytes(tar), LayerLimits.DEFAULT);
            assertThat(facts.files()).as(format).extracting(FileFacts::path).containsExactly("/big", "/zafter");
            FileFacts.Program big = (FileFacts.Program) facts.files().getFirst();
            assertThat(big.size()).isEqualTo(39 * (32L << 20) + 1);
        }
    }

    @Test
    void read_damagedLayers_areRefusedAsThat() {
        byte[] tar = new LayerBytes().program("bin/tool", ElfBytes.amd64()).tar();
        refused("this is no tar".getBytes(StandardCharsets.UTF_8), LayerLimits.DEFAULT, "or is no tar at all");
        refused(Arrays.copyOf(tar, 512 + 40), LayerLimits.DEFAULT, "cannot be unpacked (");
        refused(Arrays.copyOf(header("claims", 1_000_000), 5_120), LayerLimits.DEFAULT, "cannot be unpacked (");
        byte[] gzip = new LayerBytes().program("bin/tool", ElfBytes.amd64()).gzip();
        refused(Arrays.copyOf(gzip, gzip.length - 12), LayerLimits.DEFAULT, "cannot be unpacked (");
        byte[] damaged = gzip.clone();
        damaged[gzip.length / 2] ^= 0x55;
        refused(damaged, LayerLimits.DEFAULT, "cannot be unpacked (");
        byte[] zstd = new LayerBytes().program("bin/tool", ElfBytes.amd64()).zstd();
        refused(Arrays.copyOf(zstd, zstd.length - 12), LayerLimits.DEFAULT, "cannot be unpacked (");
    }

    @Test
    void read_gzipHeaderWithoutEnd_isRefused() {
        byte[] start = {0x1f, (byte) 0x8b, 8, 8 /* a file name follows */, 0, 0, 0, 0, 0, 0};
        InputStream endless = new SequenceInputStream(new ByteArrayInputStream(start), new Ones());
        assertThatThrownBy(() -> LayerReader.read(DIGEST, new Bounded(endless, 200L << 20), LayerLimits.DEFAULT))
                .isInstanceOf(LayerFormatException.class)
                .hasMessageContaining("decompress to nothing");
    }

    private static final class Ones extends InputStream {
        @Override
        public int read() {
            return 1;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            Arrays.fill(buffer, offset, offset + length, (byte) 1);
            return length;
        }
    }

    private static final class Bounded extends FilterInputStream {
        private long left;

        Bounded(InputStream in, long bytes) {
            super(in);
            this.left = bytes;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int count = left <= 0 ? -1 : super.read(buffer, offset, (int) Math.min(length, left));
            left -= count;
            return count;
        }
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    private static byte[] joined(byte[] one, byte[] other) {
        byte[] all = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, all, one.length, other.length);
        return all;
    }
}
