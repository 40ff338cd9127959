package dev.sheaf.context;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The patterns of a {@code .dockerignore}, or those that BuildKit sends with a request: the last pattern that matches a
 * path or one of its parents decides, "!" takes it out again. Immutable.
 */
public final class IgnorePatterns {
    private static final IgnorePatterns NONE = new IgnorePatterns(List.of());
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final List<IgnorePattern> patterns;
    private final boolean exceptions;

    private IgnorePatterns(List<IgnorePattern> patterns) {
        this.patterns = patterns;
        this.exceptions = patterns.stream().anyMatch(IgnorePattern::exception);
    }

    /** What is known of a path once it is matched: the answer, and which patterns it or its parents match. */
    public static final class Match {
        /** For paths at the top of the tree. */
        public static final Match NONE = new Match(false, new BitSet());

        private final boolean matched;
        private final BitSet patterns;

        private Match(boolean matched, BitSet patterns) {
            this.matched = matched;
            this.patterns = patterns;
        }

        /** Whether the patterns match the path, all in all. */
        public boolean matched() {
            return matched;
        }
    }

    /** Patterns that match nothing. */
    public static IgnorePatterns none() {
        return NONE;
    }

    /** The patterns of an ignore file. */
    public static IgnorePatterns parse(String ignoreFile) {
        return of(lines(ignoreFile));
    }

    /** These patterns, in this order. */
    public static IgnorePatterns of(List<String> patterns) {
        List<IgnorePattern> compiled = new ArrayList<>();
        for (String pattern : patterns) {
            String trimmed = pattern.strip();
            if (!trimmed.isEmpty()) {
                compiled.add(IgnorePattern.compile(ContextPaths.clean(trimmed)));
            }
        }
        return new IgnorePatterns(List.copyOf(compiled));
    }

    /** The patterns as they are matched: cleaned, "!" in front of exceptions. */
    public List<String> patterns() {
        return patterns.stream()
                .map(pattern -> pattern.exception() ? "!" + pattern.text() : pattern.text())
                .toList();
    }

    /** Whether there is no pattern at all. */
    public boolean isEmpty() {
        return patterns.isEmpty();
    }

    /** Whether the patterns match this path, be it itself or through a parent. */
    public boolean matches(String path) {
        Match match = Match.NONE;
        for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
            match = match(path.substring(0, slash), match);
        }
        return match(path, match).matched();
    }

    /** The same for one path of a walk, given the match of its directory. */
    public Match match(String path, Match directory) {
        boolean matched = false;
        BitSet matches = new BitSet(patterns.size());
        for (int i = 0; i < patterns.size(); i++) {
            IgnorePattern pattern = patterns.get(i);
            if (directory.patterns.get(i) || (pattern.exception() == matched && pattern.matches(path))) {
                matches.set(i);
                matched = !pattern.exception();
            }
        }
        return new Match(matched, matches);
    }

    /** Whether a walk may leave out what is inside of this directory, given that the directory itself is matched. */
    public boolean prunes(String directory) {
        if (!exceptions) {
            return true;
        }
        for (IgnorePattern pattern : patterns) {
            if (pattern.exception() && pattern.reaches(directory)) {
                return false;
            }
        }
        return true;
    }

    private static List<String> lines(String ignoreFile) {
        String text = ignoreFile.startsWith(BYTE_ORDER_MARK) ? ignoreFile.substring(1) : ignoreFile;
        List<String> patterns = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            String pattern = line.strip();
            // A comment starts in the first column; "#" after a blank is a name.
            if (!line.startsWith("#") && !pattern.isEmpty()) {
                patterns.add(pattern.startsWith("!") ? "!" + relative(pattern.substring(1)) : relative(pattern));
            }
        }
        return patterns;
    }

    private static String relative(String pattern) {
        if (pattern.isBlank()) {
            return "";
        }
        String cleaned = ContextPaths.clean(pattern.strip());
        return cleaned.length() > 1 && cleaned.startsWith("/") ? cleaned.substring(1) : cleaned;
    }
}
