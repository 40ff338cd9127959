package dev.sheaf.coordinator.build;

import dev.sheaf.image.Platform;
import java.util.List;
import java.util.Optional;

/**
 * Why a slice or a build failed, for the user.
 *
 * @param message one line: what, which value, what to do
 * @param source where in the Dockerfile
 * @param exitCode of the failing step; 0: none
 * @param platform the slice it came from; empty: the build as a whole
 * @param details what else was found, one line each
 */
public record Failure(
        Kind kind,
        String message,
        Optional<Source> source,
        int exitCode,
        Optional<Platform> platform,
        List<String> details) {
    /** Longest list of details. */
    public static final int MAX_DETAILS = 20;

    /** Whose failure it is decides what happens next. */
    public enum Kind {
        /** The Dockerfile, the context or the flags. A result: ends the build, never retried. */
        USER,
        /** Host, engine, network: retried on another agent until the attempts end. */
        INFRASTRUCTURE,
        /** A registry refuses the credentials, or wants some. */
        AUTHENTICATION,
        /** A registry does not answer, or not as it should: retried after a while until the attempts end. */
        REGISTRY,
        /** What was pushed is not what was asked for. */
        VERIFICATION,
        /** No agent could take it in time. */
        CAPACITY,
        /** What was built is not for its platform inside, by the Dockerfile's doing: building again does not help. */
        ARCHITECTURE
    }

    /**
     * The part of a Dockerfile that a failure is about.
     *
     * @param firstLine number of the first of the lines, from 1
     * @param errorStart first line to mark, from 1
     * @param errorEnd last line to mark
     */
    public record Source(String file, int firstLine, List<String> lines, int errorStart, int errorEnd) {
        public Source {
            lines = List.copyOf(lines);
        }
    }

    @SuppressWarnings("ConstantValue") // what an older version stored has no details
    public Failure {
        details = details == null ? List.of() : List.copyOf(details);
    }

    /** A failure with neither a place in the Dockerfile nor an exit code. */
    public static Failure of(Kind kind, String message) {
        return new Failure(kind, message, Optional.empty(), 0, Optional.empty(), List.of());
    }

    /** The same failure, laid at an agent's door. */
    public Failure by(AgentId agent) {
        return new Failure(kind, "agent " + agent + ": " + message, source, exitCode, platform, details);
    }

    /** The same failure in other words. */
    public Failure saying(String text) {
        return new Failure(kind, text, source, exitCode, platform, details);
    }

    /** The same failure, said of one platform. */
    public Failure on(Platform where) {
        return new Failure(kind, message, source, exitCode, Optional.of(where), details);
    }
}
