package dev.sheaf.cli.architecture;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.v1.ArchitectureCheck;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --verify-arch}. */
public final class VerifyArchFlag {
    @Option(
            names = "--verify-arch",
            paramLabel = "off|entrypoint|strict",
            description = "What of an image must be for its platform before a tag moves: every program and library"
                    + " that the build added (strict), what it would execute (entrypoint), or only what its config"
                    + " states (off). Exceptions by path: .archignore in the context. Default: as the farm's operator"
                    + " chose, or else strict.")
    private @Nullable String mode;

    /** Unspecified if the flag is not given. */
    public ArchitectureCheck read() throws CliException {
        return switch (mode) {
            case null -> ArchitectureCheck.ARCHITECTURE_CHECK_UNSPECIFIED;
            case "off" -> ArchitectureCheck.ARCHITECTURE_CHECK_OFF;
            case "entrypoint" -> ArchitectureCheck.ARCHITECTURE_CHECK_ENTRYPOINT;
            case "strict" -> ArchitectureCheck.ARCHITECTURE_CHECK_STRICT;
            default ->
                throw CliException.user("--verify-arch=" + mode + " is not known; it is off, entrypoint or strict");
        };
    }
}
