package dev.sheaf.image.elf;

import dev.sheaf.image.Platform;
import java.util.Optional;

/**
 * The programs of a platform: what its machines run.
 *
 * @param level the processor that the platform promises, as {@link ElfFile#level()}; 0 where there are no levels
 */
public record Target(Machine machine, boolean wide, boolean bigEndian, int level) {

    /** How a file goes with a platform. */
    public enum Fit {
        /** The platform runs it. */
        RUNS,
        /** It needs a newer processor than the platform promises. */
        NEEDS_NEWER_PROCESSOR,
        /** A 32-bit file of the same family: some machines of the platform run it, but not all. */
        RELATED,
        /** It is for another machine. */
        FOREIGN
    }

    /** What this platform's programs are; nothing if this is no platform of ELF files or not one that is known. */
    public static Optional<Target> of(Platform platform) {
        if (!platform.os().equals("linux")) {
            return Optional.empty();
        }
        return switch (platform.architecture()) {
            case "amd64" -> wide(Machine.X86_64, false, Math.max(1, number(platform.variant())));
            case "arm64" -> wide(Machine.AARCH64, false, 0);
            case "ppc64le" -> wide(Machine.PPC64, false, 0);
            case "ppc64" -> wide(Machine.PPC64, true, 0);
            case "s390x" -> wide(Machine.S390, true, 0);
            case "riscv64" -> wide(Machine.RISCV, false, 0);
            case "loong64" -> wide(Machine.LOONGARCH, false, 0);
            case "mips64le" -> wide(Machine.MIPS, false, 0);
            case "mips64" -> wide(Machine.MIPS, true, 0);
            case "386" -> Optional.of(new Target(Machine.I386, false, false, 0));
            case "arm" -> Optional.of(new Target(Machine.ARM, false, false, number(platform.variant())));
            default -> Optional.empty();
        };
    }

    private static Optional<Target> wide(Machine machine, boolean bigEndian, int level) {
        return Optional.of(new Target(machine, true, bigEndian, level));
    }

    /** 3 of {@code v3}; 0 of what has no number. */
    private static int number(String variant) {
        return variant.matches("v[1-9]") ? variant.charAt(1) - '0' : 0;
    }

    /** Whether a machine of this platform runs that file. */
    public Fit judge(ElfFile file) {
        if (file.machine() == machine && file.wide() == wide && file.bigEndian() == bigEndian) {
            if (machine == Machine.ARM && file.armEabi() != 0 && file.armEabi() < 4) {
                return Fit.FOREIGN;
            }
            return level > 0 && file.level() > level ? Fit.NEEDS_NEWER_PROCESSOR : Fit.RUNS;
        }
        boolean isRelated = !file.wide()
                && !file.bigEndian()
                && switch (machine) {
                    case X86_64 -> file.machine() == Machine.I386 || file.machine() == Machine.X86_64;
                    case AARCH64 -> file.machine() == Machine.ARM || file.machine() == Machine.AARCH64;
                    default -> false;
                };
        return isRelated && wide && !bigEndian ? Fit.RELATED : Fit.FOREIGN;
    }

    /** Whether both run the same code, whatever the processor's level. */
    public boolean isSameCode(Target other) {
        return machine == other.machine && wide == other.wide && bigEndian == other.bigEndian;
    }

    /** The machine in a word, such as {@code arm64}. */
    public String words() {
        return ElfFile.words(machine, wide, bigEndian);
    }
}
