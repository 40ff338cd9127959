package dev.sheaf.dockerfile;

import dev.sheaf.image.ImageReference;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Dockerfile, parsed as BuildKit's frontend parses it, and kinder: an instruction that is not known is kept, for the
 * frontend that is named by {@code # syntax=} may know it.
 *
 * @param directives the parser directives at the top by lower-case name: syntax, escape, check
 * @param arguments the ARG instructions before the first FROM
 * @param stages at least one
 */
public record Dockerfile(Map<String, String> directives, List<Instruction> arguments, List<Stage> stages) {
    /** The largest text that is read. */
    public static final int MAX_CHARACTERS = 4 * 1024 * 1024;

    /** The most instructions of one file. */
    public static final int MAX_INSTRUCTIONS = 10_000;

    /** The most stages of one file. */
    public static final int MAX_STAGES = 1_000;

    private static final String FRONTEND_ARGUMENT = "BUILDKIT_SYNTAX";

    public Dockerfile {
        directives = Map.copyOf(directives);
        arguments = List.copyOf(arguments);
        stages = List.copyOf(stages);
    }

    /** Reads a Dockerfile; a byte order mark is skipped. */
    public static Dockerfile parse(String text) throws DockerfileException {
        if (text.length() > MAX_CHARACTERS) {
            throw new DockerfileException(
                    "the Dockerfile has " + text.length() + " characters, and at most " + MAX_CHARACTERS + " are read");
        }
        return new DockerfileParser(text).parse();
    }

    /**
     * What reads this file in place of the engine's own frontend, if anything is named: by a build argument, which goes
     * first, or by {@code # syntax=}.
     */
    public Optional<String> frontend(Map<String, String> buildArguments) {
        return Optional.ofNullable(buildArguments.get(FRONTEND_ARGUMENT)).or(this::syntax);
    }

    /** The image of a frontend. Empty: what is named is none. */
    public static Optional<ImageReference> frontendImage(String frontend) {
        try {
            return Optional.of(
                    ImageReference.parse(frontend.strip().split("\\s", 2)[0]).orLatest());
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** What {@code # syntax=} names. */
    Optional<String> syntax() {
        return Optional.ofNullable(directives.get("syntax"));
    }

    /** The character that continues lines and takes the meaning of others: a backslash unless {@code # escape=`}. */
    public char escape() {
        return directives.getOrDefault("escape", "\\").charAt(0);
    }
}
