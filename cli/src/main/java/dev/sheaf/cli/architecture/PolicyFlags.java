package dev.sheaf.cli.architecture;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.image.arch.Policy;
import dev.sheaf.image.arch.Policy.Exemption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How commands judge that check images in registries by themselves. */
public final class PolicyFlags {
    @Mixin
    private VerifyArchFlag verifyArch = new VerifyArchFlag();

    /** Never read unasked: the directory in which somebody stands need not be the image's context. */
    @Option(
            names = "--archignore",
            paramLabel = "FILE",
            description = "Paths in the images that may be for other architectures, and why, as in a context's"
                    + " .archignore. Default: none; the file of the current directory is not read by itself.")
    private @Nullable String exceptions;

    /** What the flags say, checked. */
    public Policy read(Shell shell) throws CliException {
        List<Exemption> exemptions = exceptions == null
                ? List.of()
                : ArchIgnore.read(shell.directory().resolve(exceptions));
        return new Policy(verifyArch.read().orElse(Policy.Mode.STRICT), exemptions);
    }
}
