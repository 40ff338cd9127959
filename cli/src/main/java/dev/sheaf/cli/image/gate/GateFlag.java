package dev.sheaf.cli.image.gate;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.image.arch.Policy;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code --verify-arch} of the commands that check images by themselves. */
public final class GateFlag {
    @Option(
            names = "--verify-arch",
            paramLabel = "off|entrypoint|strict",
            description =
                    "What of an image must be for its platform: every program and library in the places from which"
                            + " such are run (strict, the default), what it runs when it starts (entrypoint), or nothing (off).")
    private String mode = "strict";

    /** How to judge, checked. */
    public Policy read() throws CliException {
        try {
            return new Policy(Policy.Mode.parse(mode), List.of());
        } catch (IllegalArgumentException e) {
            throw CliException.user("--verify-arch: " + e.getMessage());
        }
    }
}
