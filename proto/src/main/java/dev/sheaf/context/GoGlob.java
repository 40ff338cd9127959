package dev.sheaf.context;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A shell pattern for one path component, as Go's {@code filepath.Match} reads it: {@code *} and {@code ?} stop at
 * slashes, {@code [a-z]} and {@code [^a-z]} are classes, a backslash takes the next character literally.
 */
final class GoGlob {
    private sealed interface Token {
        record Star() implements Token {}

        record Any() implements Token {}

        record Literal(int codePoint) implements Token {}

        /** Pairs of first and last code point, one after the other. */
        record Klass(boolean negated, List<Integer> ranges) implements Token {}
    }

    private final List<Token> tokens;

    private GoGlob(List<Token> tokens) {
        this.tokens = tokens;
    }

    /** Empty: the pattern is malformed. */
    static Optional<GoGlob> compile(String pattern) {
        return new Parser(pattern.codePoints().toArray()).parse().map(GoGlob::new);
    }

    /** Whether a path component written by a user would match more than itself. */
    static boolean hasWildcards(String component) {
        for (int i = 0; i < component.length(); i++) {
            char c = component.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '*' || c == '?' || c == '[') {
                return true;
            }
        }
        return false;
    }

    boolean matches(String name) {
        int[] text = name.codePoints().toArray();
        int token = 0;
        int at = 0;
        int starToken = -1;
        int starAt = 0;
        while (at < text.length) {
            if (token < tokens.size() && tokens.get(token) instanceof Token.Star) {
                starToken = token++;
                starAt = at;
            } else if (token < tokens.size() && takes(tokens.get(token), text[at])) {
                token++;
                at++;
            } else if (starToken >= 0 && text[starAt] != '/') {
                token = starToken + 1;
                at = ++starAt;
            } else {
                return false;
            }
        }
        while (token < tokens.size() && tokens.get(token) instanceof Token.Star) {
            token++;
        }
        return token == tokens.size();
    }

    private static boolean takes(Token token, int codePoint) {
        return switch (token) {
            case Token.Star() -> false;
            case Token.Any() -> codePoint != '/';
            case Token.Literal(int wanted) -> wanted == codePoint;
            case Token.Klass(boolean negated, List<Integer> ranges) -> contains(ranges, codePoint) != negated;
        };
    }

    private static boolean contains(List<Integer> ranges, int codePoint) {
        for (int i = 0; i < ranges.size(); i += 2) {
            if (ranges.get(i) <= codePoint && codePoint <= ranges.get(i + 1)) {
                return true;
            }
        }
        return false;
    }

    /** Reads the pattern once, from the left. */
    private static final class Parser {
        private static final int MALFORMED = -1;

        private final int[] pattern;
        private int at;

        Parser(int[] pattern) {
            this.pattern = pattern;
        }

        Optional<List<Token>> parse() {
            List<Token> tokens = new ArrayList<>();
            while (at < pattern.length) {
                int c = pattern[at++];
                if (c == '*') {
                    tokens.add(new Token.Star());
                } else if (c == '?') {
                    tokens.add(new Token.Any());
                } else if (c == '[') {
                    Optional<Token> klass = klass();
                    if (klass.isEmpty()) {
                        return Optional.empty();
                    }
                    tokens.add(klass.get());
                } else if (c == '\\') {
                    if (at == pattern.length) {
                        return Optional.empty();
                    }
                    tokens.add(new Token.Literal(pattern[at++]));
                } else {
                    tokens.add(new Token.Literal(c));
                }
            }
            return Optional.of(tokens);
        }

        private Optional<Token> klass() {
            boolean negated = at < pattern.length && pattern[at] == '^';
            if (negated) {
                at++;
            }
            List<Integer> ranges = new ArrayList<>();
            while (ranges.isEmpty() || at >= pattern.length || pattern[at] != ']') {
                int first = member();
                int last = first;
                if (first != MALFORMED && pattern[at] == '-') {
                    at++;
                    last = member();
                }
                if (first == MALFORMED || last == MALFORMED) {
                    return Optional.empty();
                }
                ranges.add(first);
                ranges.add(last);
            }
            at++;
            return Optional.of(new Token.Klass(negated, ranges));
        }

        /** One end of a range. Malformed also when nothing follows it, since the class is then left open. */
        private int member() {
            if (at >= pattern.length || pattern[at] == '-' || pattern[at] == ']') {
                return MALFORMED;
            }
            if (pattern[at] == '\\') {
                at++;
            }
            if (at + 1 >= pattern.length) {
                return MALFORMED;
            }
            return pattern[at++];
        }
    }
}
