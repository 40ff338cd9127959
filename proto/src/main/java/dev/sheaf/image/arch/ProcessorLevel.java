package dev.sheaf.image.arch;

import dev.sheaf.image.arch.Finding.Severity;
import dev.sheaf.image.arch.Ruling.Words;
import dev.sheaf.image.elf.Machine;
import dev.sheaf.image.elf.Target;
import dev.sheaf.image.files.ImageFiles.Node;
import dev.sheaf.image.layer.FileFacts;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Judges programs that need a newer processor than the platform promises. Some systems are built for such processors
 * altogether and still call themselves linux/amd64: what their own loader needs is what their programs may need.
 */
final class ProcessorLevel {
    private static final List<String> LOADERS = List.of("/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1");

    private ProcessorLevel() {}

    static Optional<Finding> judge(Ruling ruling, FileFacts.Program program, int layer, Severity severity) {
        if (ruling.target.judge(program.elf()) != Target.Fit.NEEDS_NEWER_PROCESSOR
                || program.elf().level() <= level(ruling)
                || Places.isChosenByProcessor(program.path())) {
            return Optional.empty();
        }
        boolean isX86 = ruling.target.machine() == Machine.X86_64;
        return Optional.of(ruling.finding(
                severity,
                Rule.PROCESSOR_LEVEL,
                program.path(),
                OptionalInt.of(layer),
                new Words(
                        "needs "
                                + Advice.an(
                                        isX86
                                                ? program.elf().words()
                                                : "armv" + program.elf().level())
                                + " processor",
                        ruling.image.platform() + " promises no more than " + (isX86 ? "x86-64-v" : "armv")
                                + ruling.target.level(),
                        isX86
                                ? "compile it with -march=x86-64"
                                        + (ruling.target.level() > 1 ? "-v" + ruling.target.level() : "")
                                        + ", or build for linux/amd64/v"
                                        + program.elf().level()
                                : "compile it for " + ruling.image.platform())));
    }

    private static int level(Ruling ruling) {
        int found = ruling.target.level();
        for (String loader : LOADERS) {
            if (ruling.files.follow(loader).node() instanceof Node.File(FileFacts.Program program, int _)
                    && program.elf().machine() == ruling.target.machine()) {
                found = Math.max(found, program.elf().level());
            }
        }
        return found;
    }
}
