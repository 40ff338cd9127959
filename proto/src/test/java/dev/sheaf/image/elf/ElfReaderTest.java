package dev.sheaf.image.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sheaf.image.Platform;
import dev.sheaf.image.elf.Target.Fit;
import dev.sheaf.testregistry.ElfBytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ELF files made here byte by byte, and those of this machine. */
final class ElfReaderTest {
    private static final Platform AMD64 = Platform.parse("linux/amd64");

    private static ElfFile read(byte[] file) throws IOException {
        return ElfReader.read(new ByteArrayInputStream(file), file.length).orElseThrow();
    }

    private static ElfFile read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return ElfReader.read(in, Files.size(file)).orElseThrow();
        }
    }

    private static Fit fit(String platform, byte[] file) throws IOException {
        return Target.of(Platform.parse(platform)).orElseThrow().judge(read(file));
    }

    @ParameterizedTest
    @CsvSource({
        // platform, e_machine, 64 bits, big-endian
        "linux/amd64, 62, true, false, x86-64",
        "linux/arm64, 183, true, false, arm64",
        "linux/386, 3, false, false, i386",
        "linux/arm/v7, 40, false, false, 32-bit ARM",
        "linux/arm/v6, 40, false, false, 32-bit ARM",
        "linux/ppc64le, 21, true, false, ppc64le",
        "linux/s390x, 22, true, true, s390x",
        "linux/riscv64, 243, true, false, riscv64",
        "linux/loong64, 258, true, false, loong64",
        "linux/mips64le, 8, true, false, mips64le",
    })
    void judge_programOfThePlatformAndItsNeighbours_onlyItsOwnRuns(
            String platform, int machine, boolean wide, boolean bigEndian, String words) throws Exception {
        byte[] own = ElfBytes.of(machine, wide, bigEndian).bytes();
        assertThat(read(own).words()).isEqualTo(words);
        assertThat(fit(platform, own)).isEqualTo(Fit.RUNS);
        assertThat(fit(platform, ElfBytes.of(machine, !wide, bigEndian).bytes()))
                .isIn(Fit.FOREIGN, Fit.RELATED);
        assertThat(fit(platform, ElfBytes.of(machine, wide, !bigEndian).bytes()))
                .isEqualTo(Fit.FOREIGN);
        for (String other : List.of("linux/amd64", "linux/arm64", "linux/s390x", "linux/riscv64", "linux/ppc64le")) {
            if (!other.equals(platform)) {
                assertThat(fit(other, own)).as("%s on %s", words, other).isNotEqualTo(Fit.RUNS);
            }
        }
    }

    @Test
    void judge_thirtyTwoBitsOfTheSameFamily_areRelated() throws Exception {
        assertThat(fit("linux/amd64", ElfBytes.i386().bytes())).isEqualTo(Fit.RELATED);
        assertThat(fit("linux/arm64", ElfBytes.arm().bytes())).isEqualTo(Fit.RELATED);
        assertThat(fit("linux/amd64", ElfBytes.of(62, false, false).bytes())).isEqualTo(Fit.RELATED);
        assertThat(fit("linux/386", ElfBytes.amd64().bytes())).isEqualTo(Fit.FOREIGN);
        assertThat(fit("linux/arm/v7", ElfBytes.arm64().bytes())).isEqualTo(Fit.FOREIGN);
    }

    @Test
    void judge_armWithoutEabi_doesNotRun() throws Exception {
        assertThat(fit("linux/arm/v7", ElfBytes.arm().flags(0x02000000).bytes()))
                .isEqualTo(Fit.FOREIGN);
        assertThat(read(ElfBytes.arm().bytes()).words()).isEqualTo("32-bit ARM hard-float");
        assertThat(read(ElfBytes.arm().flags(0x05000200).bytes()).words()).isEqualTo("32-bit ARM soft-float");
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, linux/amd64, RUNS",
        "3, 2, linux/amd64, NEEDS_NEWER_PROCESSOR",
        "7, 3, linux/amd64, NEEDS_NEWER_PROCESSOR",
        "7, 3, linux/amd64/v2, NEEDS_NEWER_PROCESSOR",
        "7, 3, linux/amd64/v3, RUNS",
        "8, 4, linux/amd64/v3, NEEDS_NEWER_PROCESSOR",
        "15, 4, linux/amd64/v4, RUNS",
    })
    void read_isaNote_saysWhichProcessor(int bits, int level, String platform, Fit fit) throws Exception {
        byte[] file = ElfBytes.amd64().isaNeeded(bits).bytes();
        assertThat(read(file).level()).isEqualTo(level);
        assertThat(fit(platform, file)).isEqualTo(fit);
    }

    @ParameterizedTest
    @CsvSource({
        // Tag_CPU_arch, Tag_Advanced_SIMD_arch, level, platform
        "4, 0, 5, linux/arm/v5, RUNS",
        "7, 0, 6, linux/arm/v6, RUNS",
        "7, 0, 6, linux/arm/v5, NEEDS_NEWER_PROCESSOR",
        "10, 0, 7, linux/arm/v7, RUNS",
        "10, 0, 7, linux/arm/v6, NEEDS_NEWER_PROCESSOR",
        "14, 0, 8, linux/arm/v7, NEEDS_NEWER_PROCESSOR",
        "10, 1, 0, linux/arm/v6, RUNS",
        "19, 0, 0, linux/arm/v6, RUNS",
        "99, 0, 0, linux/arm/v6, RUNS",
    })
    void read_armAttributes_sayWhichProcessor(int architecture, int simd, int level, String platform, Fit fit)
            throws Exception {
        ElfBytes elf = ElfBytes.arm().loader("/lib/ld-linux-armhf.so.3").armAttributes(architecture, simd);
        for (int gap : new int[] {0, 65_000, 65_300, 65_400, 70_000, 900_000}) {
            byte[] file = elf.bytes(gap);
            assertThat(read(file).level()).as("gap %d", gap).isEqualTo(level);
            assertThat(read(file).isCutShort()).isFalse();
            assertThat(fit(platform, file)).isEqualTo(fit);
        }
    }

    @Test
    void read_armAttributesThatAreDamagedOrGone_sayNothing() throws Exception {
        byte[] file = ElfBytes.arm().armAttributes(10, 0).bytes();
        byte[] stripped = file.clone();
        stripped[48] = 0; // no sections
        byte[] outside = file.clone();
        outside[33] = 0x7f; // the table lies beyond the file
        for (byte[] bytes : List.of(stripped, outside)) {
            assertThat(read(bytes).level()).isZero();
            assertThat(read(bytes).isCutShort()).isFalse();
        }
        byte[] long0 = {'A', 0, 0, 0, 0, 'a', 'e', 'a', 'b', 'i', 0};
        byte[] long9 = {'A', 9, 0, 0, 0x70, 'a', 'e', 'a', 'b', 'i', 0};
        byte[] partOfNothing = {'A', 15, 0, 0, 0, 'a', 'e', 'a', 'b', 'i', 0, 1, 0, 0, 0, 0};
        byte[] endlessNumber = {'A', 17, 0, 0, 0, 'a', 'e', 'a', 'b', 'i', 0, 1, 7, 0, 0, 0, 6, -1};
        byte[] endlessName = {'A', 17, 0, 0, 0, 'a', 'e', 'a', 'b', 'i', 0, 1, 7, 0, 0, 0, 5, 'x'};
        byte[] otherVendor = {'A', 10, 0, 0, 0, 'a', 'c', 'm', 'e', 's', 0};
        for (byte[] section : List.of(long0, long9, partOfNothing, endlessNumber, endlessName, otherVendor)) {
            assertThat(read(ElfBytes.arm().armAttributes(section).bytes()).level())
                    .isZero();
        }
        assertThat(read(ElfBytes.arm().armAttributes(new byte[200_000]).bytes()).level())
                .isZero();
    }

    @Test
    void read_armFileCutOrDamagedAnywhere_neverFailsOtherwise() {
        byte[] file = ElfBytes.arm().loader("/lib/ld.so").armAttributes(10, 0).bytes();
        for (int length = 4; length < file.length; length++) {
            readsOrRefuses(Arrays.copyOf(file, length), "cut to " + length);
        }
        for (int at = 4; at < file.length; at++) {
            for (int value : new int[] {0, 1, 0x7f, 0x80, 0xff}) {
                byte[] damaged = file.clone();
                damaged[at] = (byte) value;
                readsOrRefuses(damaged, "byte " + at + " as " + value);
            }
        }
    }

    private static void readsOrRefuses(byte[] file, String what) {
        try {
            ElfReader.read(new ByteArrayInputStream(file), file.length);
        } catch (ElfFormatException e) {
            assertThat(e).hasMessageMatching("[a-z].*[a-z0-9]");
        } catch (IOException e) {
            throw new AssertionError(what, e);
        }
    }

    @Test
    void read_loader_isFoundWhereverItLies() throws Exception {
        String loader = "/lib/ld-musl-aarch64.so.1";
        byte[] usual = ElfBytes.arm64().loader(loader).bytes();
        byte[] atTheEnd = ElfBytes.arm64().loader(loader).bytes(900_000);
        assertThat(read(usual).interpreter()).contains(loader);
        assertThat(read(atTheEnd).interpreter()).contains(loader);
        assertThat(read(ElfBytes.amd64().bytes()).interpreter()).isEmpty();
    }

    @Test
    void read_fileThatIsCutShort_saysSo() throws Exception {
        byte[] whole = ElfBytes.amd64().loader("/lib64/ld-linux-x86-64.so.2").bytes();
        assertThat(read(whole).isCutShort()).isFalse();
        assertThat(read(Arrays.copyOf(whole, whole.length - 40)).isCutShort()).isTrue();
        byte[] far = ElfBytes.amd64().loader("/lib/x").bytes(900_000);
        assertThat(read(Arrays.copyOf(far, 500_000)).isCutShort()).isTrue();
    }

    @Test
    void read_damagedHeaders_areRefusedInWords() {
        byte[] file = ElfBytes.amd64().bytes();
        assertThatThrownBy(() -> read(Arrays.copyOf(file, 40)))
                .isInstanceOf(ElfFormatException.class)
                .hasMessage("it is shorter than an ELF header");
        byte[] noClass = file.clone();
        noClass[4] = 9;
        assertThatThrownBy(() -> read(noClass)).hasMessageContaining("class 9");
        byte[] headers = file.clone();
        headers[56] = (byte) 0xff;
        headers[57] = (byte) 0xff;
        assertThatThrownBy(() -> read(headers)).hasMessageContaining("65535 program headers");
        byte[] loader = ElfBytes.amd64().loader("/" + "x".repeat(5_000)).bytes();
        assertThatThrownBy(() -> read(loader)).hasMessageContaining("5002 bytes");
    }

    @Test
    void read_everyByteOfAHeaderDamaged_neverFailsOtherwise() {
        byte[] file = ElfBytes.amd64().loader("/lib64/ld.so").isaNeeded(7).bytes();
        for (int at = 4; at < file.length; at++) {
            for (int value : new int[] {0, 1, 0x7f, 0x80, 0xff}) {
                byte[] damaged = file.clone();
                damaged[at] = (byte) value;
                readsOrRefuses(damaged, "byte " + at + " as " + value);
            }
        }
    }

    @Test
    void read_machineThatIsNoProcessorOfLinux_isNothing() throws Exception {
        for (int machine : new int[] {247 /* BPF */, 224 /* AMD GPU */, 190 /* CUDA */}) {
            byte[] file = ElfBytes.of(machine, true, false).bytes();
            assertThat(ElfReader.read(new ByteArrayInputStream(file), file.length))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bin/ls", "/bin/sh", "/usr/bin/env"})
    void read_programOfThisMachine_runsHere(String path) throws Exception {
        ElfFile elf = read(Path.of(path).toRealPath());
        assertThat(here().judge(elf)).isEqualTo(Fit.RUNS);
        assertThat(elf.isCutShort()).isFalse();
        assertThat(elf.interpreter())
                .hasValueSatisfying(loader -> assertThat(Path.of(loader)).exists());
    }

    @Test
    void read_libraryOfThisJava_isOne() throws Exception {
        ElfFile elf = read(Path.of(System.getProperty("java.home"), "lib", "server", "libjvm.so"));
        assertThat(elf.kind()).isEqualTo(ElfFile.Kind.SHARED);
        assertThat(elf.interpreter()).isEmpty();
        assertThat(here().judge(elf)).isEqualTo(Fit.RUNS);
        assertThat(elf.isCutShort()).isFalse();
    }

    @Test
    void read_whatTheCompilerMakes_isWhatItWasToldToMake(@TempDir Path directory) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "no gcc here");
        assumeTrue(here().equals(Target.of(AMD64).orElseThrow()), "gcc's options for x86-64 are tried");
        Path source = directory.resolve("main.c");
        Files.writeString(source, "int main(void) { return 0; }\n");
        ElfFile dynamic = compiled(source, "-s");
        assertThat(dynamic.interpreter()).contains("/lib64/ld-linux-x86-64.so.2");
        assertThat(dynamic.level()).isEqualTo(1);
        assertThat(compiled(source, "-Wl,-z,x86-64-v3").level()).isEqualTo(3);
        assertThat(compiled(source, "-static", "-no-pie").interpreter()).isEmpty();
        assertThat(compiled(source, "-static-pie").kind()).isEqualTo(ElfFile.Kind.SHARED);
        assertThat(compiled(source, "-c").kind()).isEqualTo(ElfFile.Kind.OTHER);
    }

    private static ElfFile compiled(Path source, String... options) throws Exception {
        Path target = source.resolveSibling("out" + String.join("", options));
        List<String> command = new java.util.ArrayList<>(List.of("gcc", "-o", target.toString()));
        command.addAll(List.of(options));
        command.add(source.toString());
        Process gcc = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(gcc.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(gcc.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(gcc.exitValue()).as(said).isZero();
        return read(target);
    }

    private static Target here() {
        return Target.of(Platform.of("linux", System.getProperty("os.arch"))).orElseThrow();
    }
}
