package dev.sheaf.cli.architecture;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.image.arch.Policy.Mode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --verify-arch}. */
public final class VerifyArchFlag {
    @Option(
            names = "--verify-arch",
            paramLabel = "off|entrypoint|strict",
            description = "What of an image must be for its platform before a tag moves: every program and library in"
                    + " the places from which such are run (strict), what it runs when it starts (entrypoint), or"
                    + " nothing of its content (off). Default: strict, or for a build what the farm's operator chose.")
    private @Nullable String mode;

    /** Empty if the flag is not given. */
    public Optional<Mode> read() throws CliException {
        return switch (mode) {
            case null -> Optional.empty();
            case "off" -> Optional.of(Mode.OFF);
            case "entrypoint" -> Optional.of(Mode.ENTRYPOINT);
            case "strict" -> Optional.of(Mode.STRICT);
            default ->
                throw CliException.user("--verify-arch=" + mode + " is not known; it is off, entrypoint or strict");
        };
    }
}
