package dev.sheaf.image.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.sheaf.image.Digest;
import dev.sheaf.testregistry.ElfBytes;
import dev.sheaf.testregistry.LayerBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** What is found in layers as engines write them, however they are packed. */
final class LayerReaderTest {
    private static final String LOADER = "/lib64/ld-linux-x86-64.so.2";

    private static LayerBytes example() {
        return new LayerBytes()
                .directory("usr/bin")
                .program("usr/bin/tool", ElfBytes.amd64().loader(LOADER))
                .library("./usr/lib/libx.so.1", ElfBytes.arm64())
                .hardLink("usr/bin/alias", "usr/bin/tool")
                .symlink("usr/bin/tl", "tool")
                .script("/run.sh", "#!/bin/sh -e\nexec tool\n")
                .script("no-shebang", "exec tool\n")
                .file("empty", 0755, new byte[0])
                .file("app.exe", 0755, new byte[] {'M', 'Z', 0, 0, 0})
                .file("app.mac", 0755, new byte[] {(byte) 0xcf, (byte) 0xfa, (byte) 0xed, (byte) 0xfe, 7})
                .file("object.o", 0644, ElfBytes.amd64().type(1).bytes())
                .file("bpf.so", 0644, ElfBytes.of(247, true, false).library().bytes())
                .text("etc/hosts", "127.0.0.1 localhost\n")
                .whiteout("old", "gone")
                .opaque("var/cache");
    }

    private static LayerFacts read(byte[] blob) throws Exception {
        return LayerReader.read(Digest.of(blob), new ByteArrayInputStream(blob), LayerLimits.DEFAULT);
    }

    @Test
    void read_allKinds_areFacts() throws Exception {
        LayerFacts facts = read(example().tar());
        assertThat(facts.files())
                .extracting(FileFacts::path)
                .containsExactly(
                        "/usr/bin/tool",
                        "/usr/lib/libx.so.1",
                        "/usr/bin/alias",
                        "/usr/bin/tl",
                        "/run.sh",
                        "/empty",
                        "/app.exe",
                        "/app.mac");
        FileFacts.Program tool = (FileFacts.Program) facts.files().getFirst();
        assertThat(tool.executable()).isTrue();
        assertThat(tool.elf().interpreter()).contains(LOADER);
        assertThat(facts.files().get(2)).isEqualTo(tool.at("/usr/bin/alias"));
        assertThat(facts.files())
                .contains(
                        new FileFacts.Symlink("/usr/bin/tl", "tool"),
                        new FileFacts.Script("/run.sh", "/bin/sh -e"),
                        new FileFacts.Unrunnable("/empty", "an empty file"),
                        new FileFacts.Unrunnable("/app.exe", "a Windows program"),
                        new FileFacts.Unrunnable("/app.mac", "a macOS program"));
        for (String plain : new String[] {"/etc/hosts", "/object.o", "/bpf.so"}) {
            assertThat(facts.plain().contains(PathSet.hash(plain))).as(plain).isTrue();
        }
        assertThat(facts.plain().size()).isEqualTo(3);
        assertThat(facts.shapeless().contains(PathSet.hash("/no-shebang"))).isTrue();
        assertThat(facts.directories().contains(PathSet.hash("/usr"))).isTrue();
        assertThat(facts.directories().contains(PathSet.hash("/usr/lib"))).isTrue();
        assertThat(facts.whiteouts()).containsExactly("/old/gone");
        assertThat(facts.opaque()).containsExactly("/var/cache");
        assertThat(facts.oddities()).isEmpty();
        assertThat(facts.entries()).isEqualTo(15);
    }

    @Test
    void read_samePathTwice_theLaterCounts() throws Exception {
        LayerFacts facts = read(new LayerBytes()
                .program("a", ElfBytes.amd64())
                .text("a", "text")
                .text("b", "text")
                .program("b", ElfBytes.arm64())
                .tar());
        assertThat(facts.files()).extracting(FileFacts::path).containsExactly("/b");
    }

    @Test
    void read_anyPacking_findsTheSame() throws Exception {
        LayerFacts plain = read(example().tar());
        byte[] skippable = ByteBuffer.allocate(108)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0x184d2a53)
                .putInt(100)
                .array();
        byte[] zstd = example().zstd();
        for (byte[] blob : new byte[][] {
            example().gzip(), members(example().tar()), zstd, joined(skippable, zstd), joined(zstd, skippable), wide()
        }) {
            LayerFacts facts = read(blob);
            assertThat(facts)
                    .usingRecursiveComparison()
                    .ignoringFields("digest")
                    .isEqualTo(plain);
            assertThat(facts.digest()).isEqualTo(Digest.of(blob));
        }
    }

    /** As parallel packers and lazily pulled images do: a gzip stream of many members. */
    private static byte[] members(byte[] tar) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        for (int at = 0; at < tar.length; at += 700) {
            try (OutputStream out = new GZIPOutputStream(packed)) {
                out.write(tar, at, Math.min(700, tar.length - at));
            }
        }
        return packed.toByteArray();
    }

    /** As engines pack at high levels: with a window of more than 8 MiB. */
    private static byte[] wide() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (ZstdOutputStreamNoFinalizer out = new ZstdOutputStreamNoFinalizer(packed, 19)) {
            out.setLong(27);
            out.write(example().tar());
        }
        return packed.toByteArray();
    }

    private static byte[] joined(byte[] one, byte[] other) {
        byte[] all = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, all, one.length, other.length);
        return all;
    }

    @Test
    void read_manyMegabytesAtAHighLevel_works() throws Exception {
        byte[] noise = new byte[12 << 20];
        new Random(7).nextBytes(noise);
        byte[] tar = new LayerBytes()
                .file("noise", 0644, noise)
                .file("again", 0644, noise)
                .program("bin/tool", ElfBytes.amd64())
                .tar();
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (ZstdOutputStreamNoFinalizer out = new ZstdOutputStreamNoFinalizer(packed, 3)) {
            out.setLong(25);
            out.write(tar);
        }
        assertThat(packed.size()).as("the second copy refers back 12 MiB").isLessThan(13 << 20);
        assertThat(read(packed.toByteArray()).files()).hasSize(1);
    }

    @Test
    void json_andBack_isTheSame() throws Exception {
        LayerFacts facts = read(example().gzip());
        assertThat(LayerFacts.fromJson(facts.toJson())).contains(facts);
        String other = new String(facts.toJson(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(LayerFacts.fromJson(bytes(other.replace("\"v\":2", "\"v\":0"))))
                .isEmpty();
        assertThat(LayerFacts.fromJson(bytes(other.replace("\"m\":62", "\"m\":4711"))))
                .isEmpty();
        assertThat(LayerFacts.fromJson(bytes(other.substring(0, 100)))).isEmpty();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    @Test
    void read_emptyLayer_isNothing() throws Exception {
        assertThat(read(new byte[1024]).files()).isEmpty();
        assertThat(read(new byte[0]).entries()).isZero();
    }

    @Test
    void read_streamThatBreaks_isNotTheLayersFault() {
        byte[] blob = example().gzip();
        InputStream broken = new FilterInputStream(new ByteArrayInputStream(blob, 0, blob.length / 2)) {
            private boolean isTold;

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int count = super.read(buffer, offset, length);
                if (count < 0 && !isTold) {
                    isTold = true; // once: a stream that broke may look as if it had ended
                    throw new IOException("connection reset");
                }
                return count;
            }
        };
        assertThatThrownBy(() -> LayerReader.read(Digest.of(blob), broken, LayerLimits.DEFAULT))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("connection reset");
    }

    @Test
    void read_otherBytesThanTheDigests_areNotTheLayersFault() {
        byte[] blob = example().gzip();
        blob[blob.length / 2] ^= 0x55;
        InputStream verified = new ByteArrayInputStream(blob) {
            @Override
            public int read(byte[] buffer, int offset, int length) {
                int count = super.read(buffer, offset, length);
                if (count < 0) {
                    throw new java.io.UncheckedIOException(new IOException("has other content"));
                }
                return count;
            }
        };
        assertThatThrownBy(() -> LayerReader.read(Digest.of(blob), verified, LayerLimits.DEFAULT))
                .hasMessageContaining("has other content");
    }

    @Test
    void read_interrupted_ends() {
        byte[] blob = example().tar();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> read(blob)).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isFalse();
    }
}
