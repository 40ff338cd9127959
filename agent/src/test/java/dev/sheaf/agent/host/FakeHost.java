package dev.sheaf.agent.host;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** A machine with an x86-64 CPU, on which somebody registers emulators. */
public final class FakeHost {
    private static final String CPUINFO =
            "processor\t: 0\nvendor_id\t: Vendor\nmodel name\t: CPU\nflags\t\t: fpu sse sse2 lm\n";
    private static final OptionalLong HWCAP = OptionalLong.of(0x178b_fbffL);

    private final List<BinfmtEntry> handlers = new ArrayList<>();
    private final Set<TinyProgram> runs = EnumSet.of(TinyProgram.AMD64, TinyProgram.I386);

    /** Programs of arm64 run here from now on, through an emulator. */
    public synchronized void emulateArm64() {
        register("qemu-aarch64", TinyProgram.ARM64);
    }

    /** Programs of 386 run through an emulator from now on, as if the CPU could not. */
    public synchronized void emulate386() {
        register("qemu-i386", TinyProgram.I386);
    }

    private void register(String name, TinyProgram program) {
        byte[] magic = java.util.Arrays.copyOf(program.elf(), 20);
        String hex = java.util.HexFormat.of().formatHex(magic);
        handlers.add(BinfmtEntry.parse(
                name, "enabled\ninterpreter /usr/bin/" + name + "\nflags: F\noffset 0\nmagic " + hex + "\n"));
        runs.add(program);
    }

    /** What the agent finds now. */
    public synchronized HostProof read() {
        return HostProof.of(new HostFacts(
                "Linux",
                "amd64",
                "x86_64",
                "x86_64",
                "6.12.9",
                CPUINFO,
                HWCAP,
                List.copyOf(handlers),
                EnumSet.copyOf(runs)));
    }
}
