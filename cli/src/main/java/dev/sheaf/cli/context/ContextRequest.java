package dev.sheaf.cli.context;

import java.util.Optional;

/**
 * Which context to build from.
 *
 * @param source a directory, a URL, or "-" for standard input
 * @param dockerfile value of {@code --file}; "-" for standard input. Empty: "Dockerfile" in the context
 * @param target stage to build, part of the context's identity across builds. Empty: the last one
 */
public record ContextRequest(String source, Optional<String> dockerfile, String target) {
    boolean dockerfileFromStdin() {
        return dockerfile.filter("-"::equals).isPresent();
    }

    boolean contextFromStdin() {
        return source.equals("-");
    }
}
