package dev.sheaf.coordinator;

import dev.sheaf.coordinator.gate.FarmPolicy;
import dev.sheaf.image.arch.Policy.Mode;
import picocli.CommandLine.Option;

/** How thoroughly the content of images is compared with their platforms. */
final class VerifyArchFlags {
    @Option(
            names = "--verify-arch",
            paramLabel = "off|entrypoint|strict",
            defaultValue = "strict",
            description = "What of an image must be for its platform before a tag moves, unless a build says otherwise:"
                    + " every program and library that the build added, what the image would execute, or only what its"
                    + " config states. Default: ${DEFAULT-VALUE}")
    private String standard = "strict";

    @Option(
            names = "--verify-arch-least",
            paramLabel = "off|entrypoint|strict",
            defaultValue = "off",
            description = "A build that asks for less is refused. Default: ${DEFAULT-VALUE}")
    private String least = "off";

    /** Throws IllegalArgumentException with one sentence. */
    FarmPolicy read() {
        return new FarmPolicy(parse("--verify-arch", standard), parse("--verify-arch-least", least));
    }

    private static Mode parse(String flag, String value) {
        try {
            return Mode.parse(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(flag + ": " + e.getMessage(), e);
        }
    }
}
