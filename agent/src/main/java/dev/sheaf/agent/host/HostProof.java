package dev.sheaf.agent.host;

import dev.sheaf.image.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The platforms that this machine runs natively. Nothing counts because an engine lists it: the CPU must have the
 * instruction set, the kernel must have run a program of it, and no binfmt handler may take such programs.
 *
 * @param platforms proved, the machine's own first
 * @param refused one line for each platform that might have been expected and is not proved, with the reason
 * @param emulators one line for each registered handler of foreign programs; they never count
 * @param machine "x86_64"
 * @param kernel "Linux 6.12.9"
 * @param cpu "AMD EPYC 9754"
 */
public record HostProof(
        List<ProvedPlatform> platforms,
        List<String> refused,
        List<String> emulators,
        String machine,
        String kernel,
        String cpu) {

    /** Bits of AT_HWCAP that every program of the architecture relies on. */
    private static final long AMD64_HWCAP = 1L << 24 | 1L << 26; // FXSR, SSE2

    private static final long ARM64_HWCAP = 0b11; // FP, ASIMD

    public HostProof {
        platforms = List.copyOf(platforms);
        refused = List.copyOf(refused);
        emulators = List.copyOf(emulators);
    }

    static HostProof of(HostFacts facts) {
        CpuFacts cpu = CpuFacts.parse(facts.cpuinfo());
        List<ProvedPlatform> proved = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        Optional<String> contradiction = contradiction(facts, cpu);
        if (contradiction.isPresent()) {
            refused.add(contradiction.get());
        } else if (facts.machine().equals("x86_64")) {
            amd64(facts, cpu, proved, refused);
        } else if (facts.machine().equals("aarch64")) {
            arm64(facts, cpu, proved, refused);
        } else {
            refused.add("machine " + facts.machine() + " is not one that Sheaf can prove: x86_64 and aarch64 are");
        }
        List<String> emulators = facts.binfmt().stream()
                .filter(BinfmtEntry::enabled)
                .filter(entry -> entry.magic().length > 0)
                .map(entry -> "emulator registered: " + entry + "; never counts")
                .toList();
        String kernel = facts.osName() + " " + facts.kernelRelease();
        return new HostProof(proved, refused, emulators, facts.machine(), kernel, cpu.model());
    }

    /** Whether this machine proves the platform. */
    public boolean proves(Platform platform) {
        return platforms.stream().anyMatch(proved -> proved.platform().equals(platform));
    }

    /** Why this machine does not prove a platform, one line that names it. */
    public String whyNot(Platform platform) {
        String start = platform + ": ";
        return refused.stream()
                .filter(line -> line.startsWith(start))
                .findFirst()
                .orElseGet(() -> start + refused.stream().findFirst().orElse("this machine has another architecture"));
    }

    /** Sources that must agree and do not: then something between us and the hardware pretends, and nothing counts. */
    private static Optional<String> contradiction(HostFacts facts, CpuFacts cpu) {
        String machine = facts.machine();
        if (!facts.osName().equals("Linux")) {
            return Optional.of("operating system " + facts.osName() + ": only Linux can be proved");
        }
        if (!facts.kernelArchitecture().isEmpty() && !facts.kernelArchitecture().equals(machine)) {
            return Optional.of("uname says " + machine + " but /proc/sys/kernel/arch says " + facts.kernelArchitecture()
                    + ": this process runs under an emulator");
        }
        String expected = family(machine);
        if (!expected.isEmpty() && !cpu.family().equals(expected)) {
            return Optional.of("uname says " + machine + " but /proc/cpuinfo describes a CPU of family " + cpu.family()
                    + ": this process runs under an emulator");
        }
        if (!family(facts.processArchitecture()).equals(expected)) {
            return Optional.of("uname says " + machine + " but this Java is built for " + facts.processArchitecture());
        }
        TinyProgram foreign = expected.equals("x86") ? TinyProgram.ARM64 : TinyProgram.AMD64;
        if (facts.ran().contains(foreign) && handler(facts, foreign).isEmpty()) {
            return Optional.of("uname says " + machine + " but the kernel runs " + name(foreign)
                    + " programs without a binfmt handler that we can see: cannot tell what is native");
        }
        return Optional.empty();
    }

    private static void amd64(HostFacts facts, CpuFacts cpu, List<ProvedPlatform> proved, List<String> refused) {
        Optional<String> base = obstacle(facts, TinyProgram.AMD64, AMD64_HWCAP);
        if (base.isPresent()) {
            refused.add("linux/amd64: " + base.get());
            return;
        }
        String shown = "CPU " + cpu.model() + ", kernel x86_64, ran an amd64 program";
        proved.add(new ProvedPlatform(Platform.parse("linux/amd64"), shown));
        for (int level = 2; level <= 4; level++) {
            if (level <= cpu.level()) {
                proved.add(new ProvedPlatform(
                        Platform.parse("linux/amd64/v" + level), shown + ", CPU flags of x86-64-v" + level));
            } else {
                refused.add("linux/amd64/v" + level + ": the CPU lacks flags of x86-64-v" + level);
            }
        }
        Optional<String> ia32 = obstacle(facts, TinyProgram.I386, 0);
        if (ia32.isPresent()) {
            refused.add("linux/386: " + ia32.get());
        } else {
            proved.add(new ProvedPlatform(
                    Platform.parse("linux/386"), "CPU " + cpu.model() + ", kernel x86_64, ran a 386 program"));
        }
    }

    private static void arm64(HostFacts facts, CpuFacts cpu, List<ProvedPlatform> proved, List<String> refused) {
        Optional<String> base = obstacle(facts, TinyProgram.ARM64, ARM64_HWCAP);
        if (base.isPresent()) {
            refused.add("linux/arm64: " + base.get());
            return;
        }
        String kernel = "CPU " + cpu.model() + ", kernel aarch64, ran ";
        proved.add(new ProvedPlatform(Platform.parse("linux/arm64"), kernel + "an arm64 program"));
        Optional<String> aarch32 = obstacle(facts, TinyProgram.ARM, 0);
        for (String variant : List.of("v7", "v6")) {
            String platform = "linux/arm/" + variant;
            if (aarch32.isPresent()) {
                refused.add(platform + ": " + aarch32.get());
            } else {
                proved.add(new ProvedPlatform(Platform.parse(platform), kernel + "a 32-bit arm program (AArch32)"));
            }
        }
    }

    /** Why programs of this kind do not run natively here; empty: they do. */
    private static Optional<String> obstacle(HostFacts facts, TinyProgram program, long neededHwcap) {
        Optional<BinfmtEntry> handler = handler(facts, program);
        if (handler.isPresent()) {
            return Optional.of("binfmt handler " + handler.get() + " takes " + name(program)
                    + " programs, they would be emulated; disable it with: echo 0 > /proc/sys/fs/binfmt_misc/"
                    + handler.get().name());
        }
        if (!facts.ran().contains(program)) {
            return Optional.of("this kernel and CPU did not run a tiny " + name(program) + " program");
        }
        if (facts.hwcap().isPresent() && (facts.hwcap().getAsLong() & neededHwcap) != neededHwcap) {
            return Optional.of("AT_HWCAP 0x" + Long.toHexString(facts.hwcap().getAsLong()) + " lacks bits that every "
                    + name(program) + " CPU has");
        }
        return Optional.empty();
    }

    private static Optional<BinfmtEntry> handler(HostFacts facts, TinyProgram program) {
        return facts.binfmt().stream().filter(entry -> entry.takes(program)).findFirst();
    }

    private static String family(String architecture) {
        return switch (architecture) {
            case "x86_64", "amd64" -> "x86";
            case "aarch64", "arm64" -> "arm";
            default -> "";
        };
    }

    private static String name(TinyProgram program) {
        return program == TinyProgram.I386 ? "386" : program.name().toLowerCase(Locale.ROOT);
    }
}
