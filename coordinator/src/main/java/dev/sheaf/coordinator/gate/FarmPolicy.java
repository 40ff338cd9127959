package dev.sheaf.coordinator.gate;

import dev.sheaf.image.arch.Policy.Mode;
import java.util.Optional;

/**
 * What the farm's operator says about checking content.
 *
 * @param standard for builds that do not say
 * @param least a build that asks for less is refused
 */
public record FarmPolicy(Mode standard, Mode least) {
    /** Everything is checked unless a build says otherwise. */
    public static final FarmPolicy DEFAULT = new FarmPolicy(Mode.STRICT, Mode.OFF);

    public FarmPolicy {
        if (standard.compareTo(least) < 0) {
            throw new IllegalArgumentException("--verify-arch " + standard.word() + " is less than --verify-arch-least "
                    + least.word() + ", which no build could go below");
        }
    }

    /** What holds for a build that asks for this; throws IllegalArgumentException with one line. */
    public Mode decide(Optional<Mode> asked) {
        Mode mode = asked.orElse(standard);
        if (mode.compareTo(least) < 0) {
            throw new IllegalArgumentException(
                    "--verify-arch=" + mode.word() + " is less than this farm's operator allows, which is "
                            + least.word() + ": leave the flag out, or except single files in .archignore");
        }
        return mode;
    }
}
