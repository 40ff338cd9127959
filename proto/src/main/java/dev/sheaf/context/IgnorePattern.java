package dev.sheaf.context;

import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * One pattern of an ignore file.
 *
 * @param text the cleaned pattern, without the exclamation mark
 * @param exception whether it takes paths out again ("!docs")
 */
record IgnorePattern(String text, boolean exception, Predicate<String> matcher) {
    /** Characters that mean something in a regular expression and nothing in a shell pattern. */
    private static final String LITERALS = ".+()|{}$";

    private static final String WILDCARDS = "*[]?^\\";

    static IgnorePattern compile(String cleaned) {
        boolean exception = cleaned.startsWith("!");
        String text = exception ? cleaned.substring(1) : cleaned;
        if (text.isEmpty()) {
            throw new InvalidPatternException("the pattern \"!\" names nothing; write a path after the \"!\"");
        }
        if (GoGlob.compile(text).isEmpty()) {
            throw malformed(text);
        }
        return new IgnorePattern(text, exception, new Compiler(text).compile());
    }

    boolean matches(String path) {
        return matcher.test(path);
    }

    /** Whether this pattern could match something inside of the directory. Errs to yes. */
    boolean reaches(String directory) {
        String prefix = withoutTrailingGlob();
        for (int i = 0; i < prefix.length(); i++) {
            if (WILDCARDS.indexOf(prefix.charAt(i)) >= 0) {
                return true;
            }
        }
        return (prefix + "/").startsWith(directory + "/");
    }

    private String withoutTrailingGlob() {
        String prefix = text.endsWith("/**") ? text.substring(0, text.length() - 3) : text;
        return prefix.endsWith("/*") ? prefix.substring(0, prefix.length() - 2) : prefix;
    }

    private static InvalidPatternException malformed(String text) {
        return new InvalidPatternException("the pattern \"" + text
                + "\" is malformed: a \"[\" needs a filled \"[...]\", and a \"\\\" a character after it");
    }

    /**
     * Turns a pattern into a matcher. Plain names, "name**" and "**name" are compared as strings; what is left becomes
     * a regular expression, with the same translation, character by character, as the reference implementation makes,
     * since users rely on its corners.
     */
    private static final class Compiler {
        private enum Kind {
            EXACT,
            PREFIX,
            SUFFIX,
            EXPRESSION
        }

        private final String text;
        private final StringBuilder expression = new StringBuilder();
        private Kind kind = Kind.EXACT;
        private int at;

        Compiler(String text) {
            this.text = text;
        }

        Predicate<String> compile() {
            boolean first = true;
            while (at < text.length()) {
                translate(text.charAt(at++), first);
                first = false;
            }
            return switch (kind) {
                case EXACT -> text::equals;
                case PREFIX -> {
                    String prefix = text.substring(0, text.length() - 2);
                    yield path -> path.startsWith(prefix);
                }
                case SUFFIX -> {
                    String suffix = text.substring(2);
                    yield path -> path.endsWith(suffix) || suffix.equals("/" + path);
                }
                case EXPRESSION -> expression();
            };
        }

        private Predicate<String> expression() {
            try {
                Pattern pattern = Pattern.compile(GoExpression.toJava(expression.toString()), Pattern.UNIX_LINES);
                return path -> pattern.matcher(path).matches();
            } catch (PatternSyntaxException e) {
                throw malformed(text);
            }
        }

        private void translate(char c, boolean first) {
            if (c == '*') {
                if (peek('*')) {
                    at++;
                    doubleStar(first);
                } else {
                    expression.append("[^/]*");
                    kind = Kind.EXPRESSION;
                }
            } else if (c == '?') {
                expression.append("[^/]");
                kind = Kind.EXPRESSION;
            } else if (LITERALS.indexOf(c) >= 0) {
                expression.append('\\').append(c);
            } else if (c == '\\') {
                // Never the last character: that is malformed.
                expression.append('\\').append(text.charAt(at++));
                kind = Kind.EXPRESSION;
            } else {
                expression.append(c);
                if (c == '[' || c == ']') {
                    kind = Kind.EXPRESSION;
                }
            }
        }

        private void doubleStar(boolean first) {
            if (peek('/')) {
                at++;
            }
            if (at < text.length()) {
                expression.append("(.*/)?");
                kind = Kind.EXPRESSION;
            } else if (kind == Kind.EXACT) {
                kind = Kind.PREFIX;
            } else {
                expression.append(".*");
                kind = Kind.EXPRESSION;
            }
            if (first) {
                kind = Kind.SUFFIX;
            }
        }

        private boolean peek(char wanted) {
            return at < text.length() && text.charAt(at) == wanted;
        }
    }
}
