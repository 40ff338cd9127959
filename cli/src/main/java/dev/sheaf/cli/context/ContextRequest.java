package dev.sheaf.cli.context;

import java.util.Map;
import java.util.Optional;

/**
 * Which context to build from.
 *
 * @param source a directory, a URL, or "-" for standard input
 * @param dockerfile value of {@code --file}; "-" for standard input. Empty: "Dockerfile" in the context
 * @param target stage to build, part of the context's identity across builds. Empty: the last one
 * @param gitSecrets values by the ids that BuildKit gives them ({@code GIT_AUTH_TOKEN}), for a private repository
 */
public record ContextRequest(
        String source, Optional<String> dockerfile, String target, Map<String, String> gitSecrets) {
    public ContextRequest {
        gitSecrets = Map.copyOf(gitSecrets);
    }

    /** Without secrets. */
    public ContextRequest(String source, Optional<String> dockerfile, String target) {
        this(source, dockerfile, target, Map.of());
    }

    boolean dockerfileFromStdin() {
        return dockerfile.filter("-"::equals).isPresent();
    }

    @Override
    public String toString() {
        return "ContextRequest[" + source + "]"; // not the secrets
    }

    boolean contextFromStdin() {
        return source.equals("-");
    }
}
