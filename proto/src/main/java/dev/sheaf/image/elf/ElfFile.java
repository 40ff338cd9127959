package dev.sheaf.image.elf;

import java.util.Locale;
import java.util.Optional;

/**
 * What an ELF file says of the machine that it needs.
 *
 * @param wide whether it is a 64-bit file
 * @param flags e_flags, whose meaning depends on the machine
 * @param interpreter the dynamic loader that it asks for (PT_INTERP)
 * @param level the least processor: 1 to 4 for x86-64-v1 to v4, 5 to 8 for ARMv5 to v8, 0 if it does not say
 * @param isCutShort whether the file ends before what its header promises
 */
public record ElfFile(
        Machine machine,
        boolean wide,
        boolean bigEndian,
        Kind kind,
        int flags,
        Optional<String> interpreter,
        int level,
        boolean isCutShort) {
    private static final int ARM_HARD_FLOAT = 0x400;
    private static final int ARM_SOFT_FLOAT = 0x200;

    /** What the file is. */
    public enum Kind {
        /** Runs at a fixed address. */
        EXECUTABLE,
        /** A shared library, or a program that runs at any address. */
        SHARED,
        /** An object file, kernel module or core dump: nothing that is run. */
        OTHER
    }

    /** The version of ARM's calling convention (EABI), or 0: older than all that Linux images are made for. */
    public int armEabi() {
        return machine == Machine.ARM ? flags >>> 24 : 0;
    }

    /** Whether one passes floating-point numbers in registers and the other does not: they cannot call each other. */
    public boolean isOtherFloat(ElfFile other) {
        int both = ARM_HARD_FLOAT | ARM_SOFT_FLOAT;
        return machine == Machine.ARM && other.machine == Machine.ARM && ((flags | other.flags) & both) == both;
    }

    /** The machine in a word, such as {@code x86-64}, {@code x86-64-v3}, {@code arm64} or {@code armv7}. */
    public String words() {
        if (level > 1 && machine == Machine.X86_64 && wide) {
            return "x86-64-v" + level;
        }
        if (machine == Machine.ARM) {
            return (level > 0 ? "armv" + level : "32-bit ARM") + armFlags();
        }
        return words(machine, wide, bigEndian);
    }

    private String armFlags() {
        String endian = bigEndian ? " big-endian" : "";
        if ((flags & ARM_HARD_FLOAT) != 0) {
            return endian + " hard-float";
        }
        return endian + ((flags & ARM_SOFT_FLOAT) != 0 ? " soft-float" : "");
    }

    static String words(Machine machine, boolean wide, boolean bigEndian) {
        return switch (machine) {
            case I386 -> "i386";
            case X86_64 -> wide ? "x86-64" : "x32";
            case AARCH64 -> (wide ? "arm64" : "arm64 ILP32") + (bigEndian ? " big-endian" : "");
            case ARM -> "32-bit ARM" + (bigEndian ? " big-endian" : "");
            case PPC64 -> bigEndian ? "ppc64" : "ppc64le";
            case S390 -> wide ? "s390x" : "s390";
            case RISCV -> wide ? "riscv64" : "riscv32";
            case LOONGARCH -> wide ? "loong64" : "loong32";
            case MIPS -> (wide ? "mips64" : "mips") + (bigEndian ? "" : "le");
            case SPARC, M68K, PARISC, PPC, SH, SPARC64, IA64, ALPHA ->
                machine.name().toLowerCase(Locale.ROOT);
        };
    }
}
