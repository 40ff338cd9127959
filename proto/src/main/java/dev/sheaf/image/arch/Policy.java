package dev.sheaf.image.arch;

import dev.sheaf.image.Platform;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/** How strictly an image is judged, and which of its files are excepted. */
public record Policy(Mode mode, List<Exemption> exemptions) {
    /** Strict, without exceptions. */
    public static final Policy STRICT = new Policy(Mode.STRICT, List.of());

    /** Immutable. */
    public Policy {
        exemptions = List.copyOf(exemptions);
    }

    /** What makes an image wrong. */
    public enum Mode {
        /** Nothing is checked. */
        OFF,
        /** What the image runs when it starts. */
        ENTRYPOINT,
        /** That, and every program and library in the places from which such are run. */
        STRICT;

        /** Reads the word that users write; throws IllegalArgumentException with one sentence. */
        public static Mode parse(String text) {
            for (Mode mode : values()) {
                if (mode.word().equals(text)) {
                    return mode;
                }
            }
            throw new IllegalArgumentException("\"" + text + "\" is not a mode of the architecture check: write "
                    + Arrays.stream(values()).map(Mode::word).collect(Collectors.joining(", ")));
        }

        /** As users write it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Files that may be for another machine.
     *
     * @param pattern a glob over absolute paths: {@code *} stays within a directory, {@code **} does not
     * @param platform for which it holds; nothing for all
     * @param reason for people, shown with the finding
     */
    public record Exemption(String pattern, Optional<Platform> platform, String reason) {
        private static final int MAX_PATTERN = 1_000; // characters
        private static final int MAX_STARS = 16; // each multiplies what matching may cost

        /** Throws IllegalArgumentException with one sentence if the pattern is none, or there is no reason. */
        public Exemption {
            if (!pattern.startsWith("/") || pattern.length() > MAX_PATTERN) {
                throw new IllegalArgumentException("the pattern \"" + pattern + "\" must begin with / and have at most "
                        + MAX_PATTERN + " characters, such as /opt/emulators/**");
            }
            if (pattern.chars().filter(c -> c == '*').count() > MAX_STARS) {
                throw new IllegalArgumentException(
                        "the pattern \"" + pattern + "\" has more than " + MAX_STARS + " stars; write several");
            }
            if (reason.isBlank()) {
                throw new IllegalArgumentException("the exception for " + pattern + " states no reason");
            }
            try {
                matcher(pattern);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "\"" + pattern + "\" is not a pattern of paths: " + e.getDescription(), e);
            }
        }

        boolean isFor(Platform on) {
            return platform.map(on::equals).orElse(true);
        }

        /** Says which paths are excepted, as often as it is asked. */
        Predicate<String> paths() {
            PathMatcher matcher = matcher(pattern);
            return path -> {
                try {
                    return matcher.matches(Path.of(path));
                } catch (InvalidPathException _) {
                    return false; // a name that this machine's file systems do not have
                }
            };
        }

        private static PathMatcher matcher(String pattern) {
            return FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        }
    }

    /** The first exception that holds for this path. */
    public Optional<Exemption> exemption(String path, Platform platform) {
        return exemptions.stream()
                .filter(exemption ->
                        exemption.isFor(platform) && exemption.paths().test(path))
                .findFirst();
    }
}
