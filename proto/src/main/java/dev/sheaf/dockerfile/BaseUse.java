package dev.sheaf.dockerfile;

import dev.sheaf.image.ImageReference;
import java.util.Optional;

/**
 * An image that a build takes something from.
 *
 * @param reference expanded: "alpine:3", as it would be written without variables
 * @param platform expanded value of FROM's {@code --platform}. Empty: the slice's platform
 * @param instruction what names it: a FROM, a {@code COPY --from} or a {@code RUN --mount=from=}
 */
public record BaseUse(String reference, Optional<String> platform, Instruction instruction) {
    /** The reference in full, or nothing if it is none. */
    public Optional<ImageReference> image() {
        try {
            return Optional.of(ImageReference.parse(reference).orLatest());
        } catch (IllegalArgumentException _) {
            return Optional.empty(); // the engine says what is wrong with it
        }
    }
}
