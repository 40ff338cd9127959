package dev.sheaf.agent.engine.failure;

import dev.sheaf.v1.Failure;
import dev.sheaf.v1.FailureClass;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Tells the user's failures from the farm's. BuildKit says UNKNOWN to nearly everything, so most is read from the
 * text; what nobody knows counts as the farm's, and is tried again elsewhere.
 */
public final class Failures {

    /** Killed: by the kernel for want of memory, or by itself. When the engine dies, its call ends another way. */
    private static final int KILLED = 137;

    private static final int MAX_MESSAGE_CHARACTERS = 2_000;

    private static final Pattern EXIT_CODE =
            Pattern.compile("(?:did not complete successfully|executor failed running \\[.*]): exit code: (\\d+)");
    private static final Pattern NOISE = Pattern.compile(
            "^(failed to solve(?: with frontend [\\w.]+)?: |failed to build LLB: |rpc error: code = \\w+ desc = |solver returned )");
    private static final Pattern SERVER_ERROR = Pattern.compile("\\b5\\d\\d (internal server|bad gateway|service"
            + " unavailable|gateway time)|unexpected status [^\"]*: 5\\d\\d\\b|429 too many requests");

    /** Words of BuildKit while it speaks with a registry. */
    private static final List<String> REGISTRY = List.of(
            "failed to push",
            "failed to resolve source metadata",
            "failed to authorize",
            "failed to copy: httpreadseeker",
            "/v2/");

    private static final List<String> AUTHENTICATION = List.of(
            "401 unauthorized",
            "403 forbidden",
            "authorization failed",
            "authentication required",
            "insufficient_scope",
            "no basic auth credentials",
            "access denied",
            "access to the resource is denied");
    private static final List<String> TOKEN = List.of("failed to fetch oauth token", "failed to fetch anonymous token");
    private static final List<String> NETWORK = List.of(
            "no such host",
            "timeout",
            "connection refused",
            "connection reset",
            "broken pipe",
            "server closed idle connection",
            "use of closed network connection",
            "network is unreachable",
            "no route to host",
            "server misbehaving",
            "temporary failure in name resolution",
            "eof",
            "deadline exceeded");
    private static final List<String> HOST = List.of(
            "dial unix",
            "no space left on device",
            "cannot allocate memory",
            "too many open files",
            "no active session",
            "could not be found",
            "failed to get status");
    private static final List<String> USER = List.of(
            "dockerfile parse error",
            "failed to read dockerfile",
            "failed to solve: dockerfile",
            "not found",
            "does not exist",
            "no match for platform",
            "no such file or directory",
            "invalid reference format",
            "invalid",
            "failed to parse",
            "unknown instruction",
            "pull access denied");

    private Failures() {}

    /**
     * The failure that a failed call to the engine is.
     *
     * @param logins registries that the build has credentials for
     */
    public static Failure of(Status status, Metadata trailers, String platform, Set<String> logins) {
        ErrorDetails details = ErrorDetails.of(trailers);
        String description = status.getDescription();
        String message = clean(description == null ? status.getCode().toString() : description);
        OptionalInt exit = details.exitCode().isPresent() ? details.exitCode() : exitCode(message);
        Failure.Builder failure = Failure.newBuilder()
                .setKind(kind(status.getCode(), message, exit, details))
                .setMessage(message)
                .setPlatform(platform);
        details.source().ifPresent(failure::setSource);
        exit.ifPresent(failure::setExitCode);
        if (exit.orElse(0) == KILLED && failure.getKind() == FailureClass.FAILURE_CLASS_USER) {
            failure.setMessage(message + " (killed, most often for want of memory: let the step do less at a time, or"
                    + " build on a host with more)");
        }
        if (failure.getKind() == FailureClass.FAILURE_CLASS_AUTHENTICATION) {
            failure.setMessage(LoginRefusal.sentence(message, logins));
        }
        if (status.getCode() == Status.Code.UNAVAILABLE) {
            failure.setMessage("the engine does not answer: " + message);
        }
        return failure.build();
    }

    /** A failure of the host or its engine. */
    public static Failure infrastructure(String message, String platform) {
        return Failure.newBuilder()
                .setKind(FailureClass.FAILURE_CLASS_INFRASTRUCTURE)
                .setMessage(clean(message))
                .setPlatform(platform)
                .build();
    }

    /** A failure of what the user gave. */
    public static Failure user(String message, String platform) {
        return infrastructure(message, platform).toBuilder()
                .setKind(FailureClass.FAILURE_CLASS_USER)
                .build();
    }

    /** One line, without control characters and without what says nothing. */
    static String clean(String message) {
        String line = message.replaceAll("\\p{Cntrl}+", " ").strip();
        Matcher noise = NOISE.matcher(line);
        while (noise.find()) {
            line = line.substring(noise.end());
            noise = NOISE.matcher(line);
        }
        return line.length() <= MAX_MESSAGE_CHARACTERS ? line : line.substring(0, MAX_MESSAGE_CHARACTERS) + "...";
    }

    private static FailureClass kind(Status.Code code, String message, OptionalInt exit, ErrorDetails details) {
        String text = message.toLowerCase(Locale.ROOT);
        if (code == Status.Code.UNAVAILABLE || code == Status.Code.DEADLINE_EXCEEDED) {
            return FailureClass.FAILURE_CLASS_INFRASTRUCTURE;
        }
        if (text.endsWith("context canceled")) {
            // Nobody here cancelled it: the engine ends, and takes its steps with it.
            return FailureClass.FAILURE_CLASS_INFRASTRUCTURE;
        }
        if (exit.isPresent()) {
            // Before the words, because the text of a step can hold any.
            return FailureClass.FAILURE_CLASS_USER;
        }
        if (has(AUTHENTICATION, text)) {
            return FailureClass.FAILURE_CLASS_AUTHENTICATION;
        }
        if (has(REGISTRY, text) && SERVER_ERROR.matcher(text).find()) {
            return FailureClass.FAILURE_CLASS_REGISTRY;
        }
        if (text.contains("target stage")) {
            // BuildKit says that it "could not be found", as it says of a session that is gone.
            return FailureClass.FAILURE_CLASS_USER;
        }
        if (has(HOST, text)) {
            return FailureClass.FAILURE_CLASS_INFRASTRUCTURE;
        }
        if (has(NETWORK, text)) {
            return has(REGISTRY, text)
                    ? FailureClass.FAILURE_CLASS_REGISTRY
                    : FailureClass.FAILURE_CLASS_INFRASTRUCTURE;
        }
        if (has(TOKEN, text)) {
            return FailureClass.FAILURE_CLASS_AUTHENTICATION;
        }
        if (text.contains("failed to push")) {
            return FailureClass.FAILURE_CLASS_REGISTRY;
        }
        boolean user = details.source().isPresent() || has(USER, text);
        return user ? FailureClass.FAILURE_CLASS_USER : FailureClass.FAILURE_CLASS_INFRASTRUCTURE;
    }

    private static OptionalInt exitCode(String message) {
        // The last one: BuildKit's own words stand after the text of the step.
        return Stream.of(EXIT_CODE.matcher(message))
                .flatMap(Matcher::results)
                .mapToInt(result -> Integer.parseInt(result.group(1)))
                .reduce((_, last) -> last);
    }

    private static boolean has(List<String> words, String text) {
        return words.stream().anyMatch(text::contains);
    }
}
