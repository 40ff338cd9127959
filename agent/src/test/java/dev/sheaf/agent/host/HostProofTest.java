package dev.sheaf.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HostProofTest {
    private static final String V3_FLAGS = "fpu sse sse2 ht lm pni ssse3 fma cx16 sse4_1 sse4_2 movbe popcnt xsave avx"
            + " f16c lahf_lm abm bmi1 avx2 bmi2";
    private static final String V4_FLAGS = V3_FLAGS + " avx512f avx512dq avx512cd avx512bw avx512vl";
    private static final String V2_FLAGS = "fpu sse sse2 lm pni ssse3 cx16 sse4_1 sse4_2 popcnt lahf_lm xsave avx";
    private static final OptionalLong X86_HWCAP = OptionalLong.of(0x178b_fbffL);
    private static final OptionalLong ARM_HWCAP = OptionalLong.of(0xfffff_ffffL);

    private static final String NEOVERSE_N1 = """
            processor\t: 0
            BogoMIPS\t: 243.75
            Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp
            CPU implementer\t: 0x41
            CPU architecture: 8
            CPU variant\t: 0x3
            CPU part\t: 0xd0c
            CPU revision\t: 1
            """;

    private static final String QEMU_AARCH64 = """
            enabled
            interpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P
            flags: POCF
            offset 0
            magic 7f454c460201010000000000000000000200b700
            mask ffffffffffffff00fffffffffffffffffeffffff
            """;
    private static final String QEMU_I386 = """
            enabled
            interpreter /usr/bin/qemu-i386-static
            flags: F
            offset 0
            magic 7f454c4601010100000000000000000002000300
            mask fffffffffffefe00fffffffffffffffffeffffff
            """;
    private static final String QEMU_ARM = """
            enabled
            interpreter /usr/libexec/qemu-binfmt/arm-binfmt-P
            flags: POCF
            offset 0
            magic 7f454c4601010100000000000000000002002800
            mask ffffffffffffff00fffffffffffffffffeffffff
            """;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "AMD EPYC 9754    | V4 | linux/amd64 linux/amd64/v2 linux/amd64/v3 linux/amd64/v4 linux/386",
                "Core i7-4790     | V3 | linux/amd64 linux/amd64/v2 linux/amd64/v3 linux/386",
                "Core i5-2500     | V2 | linux/amd64 linux/amd64/v2 linux/386",
                "Opteron 246      | V1 | linux/amd64 linux/386",
            })
    void of_x86Machines_provesTheLevelsOfTheCpu(String model, String level, String expected) {
        HostProof proof = HostProof.of(x86(cpuinfo(model, flags(level)), native86(), List.of()));
        assertThat(names(proof)).isEqualTo(expected);
        assertThat(proof.cpu()).isEqualTo(model);
        assertThat(proof.platforms().getFirst().proof()).contains(model).contains("ran an amd64 program");
    }

    @Test
    void of_onlyOneProcessorWithAvx512_provesWhatAllHave() {
        String mixed = cpuinfo("big", V4_FLAGS) + "\n" + cpuinfo("small", V3_FLAGS);
        HostProof proof = HostProof.of(x86(mixed, native86(), List.of()));
        assertThat(names(proof)).contains("amd64/v3").doesNotContain("amd64/v4");
    }

    @Test
    void of_kernelWithoutIa32_doesNotProve386() {
        HostProof proof = HostProof.of(x86(cpuinfo("x", V2_FLAGS), EnumSet.of(TinyProgram.AMD64), List.of()));
        assertThat(names(proof)).doesNotContain("386");
        assertThat(proof.refused()).anyMatch(line -> line.startsWith("linux/386: this kernel and CPU did not run"));
    }

    @Test
    void of_handlerThatTakes386_doesNotProve386ThoughItRan() {
        BinfmtEntry handler = BinfmtEntry.parse("qemu-i386", QEMU_I386);
        HostProof proof = HostProof.of(x86(cpuinfo("x", V2_FLAGS), native86(), List.of(handler)));
        assertThat(names(proof)).isEqualTo("linux/amd64 linux/amd64/v2");
        assertThat(proof.refused()).anyMatch(line -> line.contains("they would be emulated"));
    }

    @Test
    void of_foreignHandlers_neverCountAndAreShown() {
        List<BinfmtEntry> handlers =
                List.of(BinfmtEntry.parse("qemu-aarch64", QEMU_AARCH64), BinfmtEntry.parse("qemu-arm", QEMU_ARM));
        HostProof proof = HostProof.of(x86(cpuinfo("x", V2_FLAGS), EnumSet.allOf(TinyProgram.class), handlers));
        assertThat(names(proof)).isEqualTo("linux/amd64 linux/amd64/v2 linux/386");
        assertThat(proof.emulators())
                .containsExactly(
                        "emulator registered: qemu-aarch64 (/usr/libexec/qemu-binfmt/aarch64-binfmt-P); never counts",
                        "emulator registered: qemu-arm (/usr/libexec/qemu-binfmt/arm-binfmt-P); never counts");
    }

    @Test
    void of_foreignProgramThatRanThoughNoHandlerIsSeen_provesNothing() {
        HostProof proof = HostProof.of(x86(cpuinfo("x", V2_FLAGS), EnumSet.allOf(TinyProgram.class), List.of()));
        assertThat(proof.platforms()).isEmpty();
        assertThat(proof.refused().getFirst()).contains("cannot tell what is native");
    }

    @Test
    void of_neoverseN1WithAarch32_provesArm() {
        Set<TinyProgram> ran = EnumSet.of(TinyProgram.ARM64, TinyProgram.ARM);
        HostProof proof = HostProof.of(arm("aarch64", NEOVERSE_N1, ran, List.of()));
        assertThat(names(proof)).isEqualTo("linux/arm64 linux/arm/v7 linux/arm/v6");
        assertThat(proof.cpu()).isEqualTo("Neoverse N1");
    }

    @Test
    void of_armWithoutAarch32_provesArm64Only() {
        HostProof proof = HostProof.of(arm("aarch64", NEOVERSE_N1, EnumSet.of(TinyProgram.ARM64), List.of()));
        assertThat(names(proof)).isEqualTo("linux/arm64");
    }

    @Test
    void of_armWithoutAarch32ButWithQemuArm_provesArm64Only() {
        List<BinfmtEntry> handlers = List.of(BinfmtEntry.parse("qemu-arm", QEMU_ARM));
        Set<TinyProgram> ran = EnumSet.of(TinyProgram.ARM64, TinyProgram.ARM);
        HostProof proof = HostProof.of(arm("aarch64", NEOVERSE_N1, ran, handlers));
        assertThat(names(proof)).isEqualTo("linux/arm64");
    }

    @Test
    void of_agentUnderQemuUser_provesNothing() {
        HostProof proof = HostProof.of(arm("x86_64", NEOVERSE_N1, EnumSet.of(TinyProgram.ARM64), List.of()));
        assertThat(proof.platforms()).isEmpty();
        assertThat(proof.refused().getFirst())
                .isEqualTo(
                        "uname says aarch64 but /proc/sys/kernel/arch says x86_64: this process runs under an emulator");
    }

    @Test
    void of_armUnameOverX86Cpuinfo_provesNothing() {
        HostProof proof = HostProof.of(arm("", cpuinfo("x", V3_FLAGS), EnumSet.of(TinyProgram.ARM64), List.of()));
        assertThat(proof.platforms()).isEmpty();
        assertThat(proof.refused().getFirst()).contains("family x86");
    }

    @Test
    void of_hwcapWithoutSse2_provesNothing() {
        HostFacts facts = x86(cpuinfo("x", V2_FLAGS), native86(), List.of());
        HostFacts odd = new HostFacts(
                facts.osName(),
                facts.processArchitecture(),
                facts.machine(),
                facts.kernelArchitecture(),
                facts.kernelRelease(),
                facts.cpuinfo(),
                OptionalLong.of(1),
                facts.binfmt(),
                facts.ran());
        assertThat(HostProof.of(odd).platforms()).isEmpty();
    }

    @Test
    void takes_disabledOrExtensionHandler_false() {
        assertThat(BinfmtEntry.parse("x", QEMU_I386.replace("enabled", "disabled"))
                        .takes(TinyProgram.I386))
                .isFalse();
        assertThat(BinfmtEntry.parse("jar", "enabled\ninterpreter /usr/bin/jexec\nflags: \nextension .jar\n")
                        .takes(TinyProgram.AMD64))
                .isFalse();
        assertThat(BinfmtEntry.parse("q", QEMU_I386).takes(TinyProgram.AMD64)).isFalse();
        assertThat(BinfmtEntry.parse("q", QEMU_I386).takes(TinyProgram.I386)).isTrue();
    }

    @Test
    void hwcap_auxvBytes_findsKey16() {
        byte[] auxv = new byte[48];
        auxv[0] = 33;
        auxv[16] = 16;
        auxv[24] = 7;
        assertThat(HostReader.hwcap(auxv)).hasValue(7);
        assertThat(HostReader.hwcap(new byte[5])).isEmpty();
    }

    @Test
    void read_thisMachine_provesItsOwnArchitecture() throws InterruptedException {
        HostProof proof = new HostReader().read();
        String expected = System.getProperty("os.arch").equals("aarch64") ? "linux/arm64" : "linux/amd64";
        assertThat(names(proof)).startsWith(expected);
    }

    private static String names(HostProof proof) {
        return String.join(
                " ",
                proof.platforms().stream().map(p -> p.platform().toString()).toList());
    }

    private static Set<TinyProgram> native86() {
        return EnumSet.of(TinyProgram.AMD64, TinyProgram.I386);
    }

    private static String flags(String level) {
        return switch (level) {
            case "V4" -> V4_FLAGS;
            case "V3" -> V3_FLAGS;
            case "V2" -> V2_FLAGS;
            default -> "fpu sse sse2 lm";
        };
    }

    private static String cpuinfo(String model, String flags) {
        return "processor\t: 0\nvendor_id\t: Vendor\nmodel name\t: " + model + "\nflags\t\t: " + flags
                + "\nbugs\t\t:\n";
    }

    private static HostFacts x86(String cpuinfo, Set<TinyProgram> ran, List<BinfmtEntry> binfmt) {
        return new HostFacts("Linux", "amd64", "x86_64", "x86_64", "6.12.9", cpuinfo, X86_HWCAP, binfmt, ran);
    }

    private static HostFacts arm(String kernel, String cpuinfo, Set<TinyProgram> ran, List<BinfmtEntry> binfmt) {
        return new HostFacts("Linux", "aarch64", "aarch64", kernel, "6.1.0", cpuinfo, ARM_HWCAP, binfmt, ran);
    }
}
