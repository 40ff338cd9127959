package dev.sheaf.image.arch;

import dev.sheaf.image.elf.ElfFile;
import dev.sheaf.image.elf.Machine;
import dev.sheaf.image.elf.Target;
import dev.sheaf.image.files.ImageFiles;
import dev.sheaf.image.files.ImageFiles.Node;
import dev.sheaf.image.layer.FileFacts;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a path says of a file: whether it lies where programs and libraries are run from, where they never are, or beside
 * others for other platforms. Pure.
 */
final class Places {
    private static final Map<Machine, List<String>> NAMES = new EnumMap<>(Map.of(
            Machine.X86_64, List.of("x86_64", "x86-64", "amd64", "x64"),
            Machine.AARCH64, List.of("aarch64", "arm64", "arm64v8", "armv8"),
            Machine.ARM, List.of("arm", "armhf", "armv7", "armv7l", "armv6", "armv6l", "armel", "arm32v7", "armv5"),
            Machine.I386, List.of("i386", "i686", "i586", "x86", "386", "ia32", "x86_32"),
            Machine.PPC64, List.of("ppc64le", "powerpc64le", "ppc64el", "ppc64", "powerpc64"),
            Machine.S390, List.of("s390x", "s390"),
            Machine.RISCV, List.of("riscv64", "riscv64gc", "riscv"),
            Machine.LOONGARCH, List.of("loong64", "loongarch64"),
            Machine.MIPS, List.of("mips64le", "mips64el", "mips64", "mipsle", "mipsel", "mips")));
    private static final Map<Machine, Pattern> NAMED = new EnumMap<>(Machine.class);

    static {
        NAMES.forEach((machine, names) -> NAMED.put(
                machine,
                Pattern.compile(
                        "(?<![A-Za-z0-9])(?:" + String.join("|", names) + ")(?![A-Za-z0-9]|[_-](?:64|32)(?![0-9]))",
                        Pattern.CASE_INSENSITIVE)));
    }

    /** Toolchains and sources for other machines, firmware, symbols, caches, files of tests. */
    private static final Pattern NEVER_RUN = Pattern.compile(
            "^/(usr/)?lib/(firmware|modules|debug|u-boot|grub|syslinux|ipxe|gcc-cross)/"
                    + "|^/usr/share/(qemu|doc|seabios|ovmf|u-boot|firmware|efi)[^/]*/"
                    + "|^/usr/src/(linux|kernels)|^/boot/"
                    + "|^/usr/[a-z0-9_]+(-[a-z0-9_]+)?-linux-[a-z0-9]+/"
                    + "|/(testdata|tests?|\\.debug|\\.build-id|sysroot)/|\\.debug$"
                    + "|/pkg/mod/|^/usr/local/go/(src|test|pkg)/"
                    + "|/\\.(cache|npm|m2|gradle|nuget|cargo/registry|yarn/cache)/",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern RUN_FROM = Pattern.compile("^/[^/]+$"
            + "|^/(usr/|usr/local/)?(s?bin|lib(32|64|x32|exec)?)/"
            + "|^/opt/(.*/)?(s?bin|lib(32|64|exec)?)/"
            + "|^/(app|srv|code|workspace|function|var/task|var/runtime)/"
            + "|^/(home/[^/]+|root)/(\\.local/)?(s?bin|lib)/"
            + "|/(site-packages|dist-packages|node_modules)/");

    private static final Pattern LIBRARY = Pattern.compile("\\.(so(\\.[0-9.]+)?|node)$");

    /** Where libraries for newer processors lie beside others, and loaders choose. */
    private static final Pattern CHOSEN_BY_PROCESSOR =
            Pattern.compile("/(glibc-hwcaps|haswell|xeon_phi|x86-64-v[234])/|avx|skylake|x86[-_]64[-_.]?v[234]");

    private Places() {}

    static boolean isNeverRun(String path) {
        return NEVER_RUN.matcher(path).find();
    }

    static boolean isRunFrom(String path, List<String> directories) {
        return RUN_FROM.matcher(path).find()
                || directories.stream().anyMatch(directory -> path.startsWith(directory + "/"));
    }

    static boolean isLibrary(FileFacts.Program program) {
        return LIBRARY.matcher(program.path()).find()
                || (program.elf().kind() == ElfFile.Kind.SHARED
                        && program.elf().interpreter().isEmpty()
                        && !program.executable());
    }

    static boolean isChosenByProcessor(String path) {
        return CHOSEN_BY_PROCESSOR.matcher(path).find();
    }

    /** Whether a text names this machine, by any of its names. */
    static boolean isNamed(String text, Machine machine) {
        Pattern named = NAMED.get(machine);
        return named != null && named.matcher(text).find();
    }

    /** Whether a directory in the path names the machine: then the file is not mistaken for another by accident. */
    static boolean isDirectoryNamed(String path, Machine machine) {
        return isNamed(path.substring(0, path.lastIndexOf('/') + 1), machine);
    }

    /** Whether the same file, or a directory above it, is there under the wanted machine's name too. */
    static boolean hasSibling(String path, Machine machine, Target wanted, ImageFiles files) {
        Pattern named = NAMED.get(machine);
        if (named == null) {
            return false;
        }
        for (int start = 1; start > 0; start = path.indexOf('/', start) + 1) {
            int end = path.indexOf('/', start);
            boolean isFile = end < 0;
            String part = isFile ? path.substring(start) : path.substring(start, end);
            if (!named.matcher(part).find()) {
                continue;
            }
            for (String name : NAMES.getOrDefault(wanted.machine(), List.of())) {
                Node node =
                        files.at(path.substring(0, start) + named.matcher(part).replaceAll(name));
                if (isFile ? isProgram(node, wanted) : node instanceof Node.Directory) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isProgram(Node node, Target wanted) {
        return node instanceof Node.File(FileFacts.Program program, int _)
                && wanted.judge(program.elf()) == Target.Fit.RUNS;
    }
}
