package dev.sheaf.dockerfile;

import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Expands variables in a word as BuildKit does, and takes its quotes and escapes away: {@code $name}, {@code ${name}},
 * the modifiers {@code :-  -  :+  +  :?  ?}, and those that cut and replace by pattern: {@code #  ##  %  %%  /  //}. A
 * variable that is not set is empty.
 */
public final class Variables {
    /** The longest text that an expansion may grow to, in characters: variables can double each other. */
    public static final int MAX_CHARACTERS = 65_536;

    /** Matching tries again and again: the most wildcards, and the longest value, in characters, that they go with. */
    private static final int MAX_WILDCARDS = 2;

    private static final int MAX_MATCHED = 512;

    private static final int MAX_DEPTH = 32; // words within words: ${a:-${b:-...}}
    private static final String SHELL_SIGNS = "@*#?-$!";

    private final String word;
    private final char escape;
    private final Function<String, Optional<String>> values;
    private final int depth;
    private boolean isPattern; // escapes stay: they tell what is no wildcard
    private int at;

    private Variables(String word, char escape, Function<String, Optional<String>> values, int depth) {
        this.word = word;
        this.escape = escape;
        this.values = values;
        this.depth = depth;
    }

    /** The word with the values of its variables; empty values are set, absent ones are not. */
    public static String expand(String word, char escape, Function<String, Optional<String>> values)
            throws DockerfileException {
        return new Variables(word, escape, values, 0).until('\0');
    }

    /** Reads on to an end that is not quoted, and past it; a NUL means the end of the word. */
    private String until(char end) throws DockerfileException {
        StringBuilder plain = new StringBuilder();
        while (at < word.length()) {
            char c = word.charAt(at);
            if (end != '\0' && c == end) {
                at++;
                return plain.toString();
            }
            at++;
            if (c == '\'') {
                int close = word.indexOf('\'', at);
                require(close >= 0, "a quote is not closed");
                plain.append(word, at, close);
                at = close + 1;
            } else if (c == '"') {
                quoted(plain);
            } else if (c == escape && at < word.length()) {
                plain.append(isPattern ? String.valueOf(c) : "").append(word.charAt(at));
                at++;
            } else if (c == '$') {
                plain.append(variable());
            } else {
                plain.append(c);
            }
            require(plain.length() <= MAX_CHARACTERS, "it would grow beyond " + MAX_CHARACTERS + " characters");
        }
        require(end == '\0', "a ${ is not closed");
        return plain.toString();
    }

    private void quoted(StringBuilder plain) throws DockerfileException {
        while (at < word.length()) {
            char c = word.charAt(at);
            at++;
            if (c == '"') {
                return;
            }
            if (c == '$') {
                plain.append(variable());
            } else if (c == escape && at < word.length() && "\"$".indexOf(word.charAt(at)) >= 0) {
                plain.append(word.charAt(at));
                at++;
            } else if (c == escape && at < word.length() && word.charAt(at) == escape) {
                plain.append(escape);
                at++;
            } else {
                plain.append(c);
            }
        }
        require(false, "a quote is not closed");
    }

    /** After a dollar. */
    private String variable() throws DockerfileException {
        if (at < word.length() && word.charAt(at) == '{') {
            at++;
            return braced();
        }
        String name = name();
        return name.isEmpty() ? "$" : values.apply(name).orElse("");
    }

    private String braced() throws DockerfileException {
        String name = name();
        require(!name.isEmpty() && at < word.length(), "a ${ is not closed, or names no variable");
        Optional<String> value = values.apply(name);
        char c = word.charAt(at);
        at++;
        return switch (c) {
            case '}' -> value.orElse("");
            case ':' -> {
                require(
                        at < word.length() && "+-?".indexOf(word.charAt(at)) >= 0,
                        "${" + name + ": is followed by" + " none of - + ?");
                char modifier = word.charAt(at);
                at++;
                yield chosen(name, value.filter(set -> !set.isEmpty()), modifier, value.orElse(""));
            }
            case '+', '-', '?' -> chosen(name, value, c, value.orElse(""));
            case '#', '%' -> trimmed(value.orElse(""), c);
            case '/' -> replaced(value.orElse(""));
            default -> throw failure("the modifier " + c + " of ${" + name + "} is not known");
        };
    }

    private String chosen(String name, Optional<String> set, char modifier, String value) throws DockerfileException {
        String other = inner('}');
        return switch (modifier) {
            case '+' -> set.isPresent() ? other : "";
            case '-' -> set.isPresent() ? value : other;
            default -> {
                require(set.isPresent(), name + " must be set" + (other.isEmpty() ? "" : ": " + other));
                yield value;
            }
        };
    }

    private String trimmed(String value, char side) throws DockerfileException {
        boolean longest = at < word.length() && word.charAt(at) == side;
        at += longest ? 1 : 0;
        Pattern pattern = glob(pattern('}'), longest, value);
        if (side == '#') {
            Matcher start = pattern.matcher(value);
            return start.lookingAt() ? value.substring(start.end()) : value;
        }
        // From the end: the shortest suffix begins last, the longest first.
        for (int step = 0; step <= value.length(); step++) {
            int begin = longest ? step : value.length() - step;
            if (pattern.matcher(value.substring(begin)).matches()) {
                return value.substring(0, begin);
            }
        }
        return value;
    }

    private String replaced(String value) throws DockerfileException {
        boolean all = at < word.length() && word.charAt(at) == '/';
        at += all ? 1 : 0;
        Matcher matcher = glob(pattern('/'), true, value).matcher(value);
        String other = Matcher.quoteReplacement(inner('}'));
        return all ? matcher.replaceAll(other) : matcher.replaceFirst(other);
    }

    private String inner(char end) throws DockerfileException {
        return inner(end, false);
    }

    private String pattern(char end) throws DockerfileException {
        return inner(end, true);
    }

    private String inner(char end, boolean isPatternToo) throws DockerfileException {
        require(depth < MAX_DEPTH, "it nests deeper than " + MAX_DEPTH);
        Variables rest = new Variables(word, escape, values, depth + 1);
        rest.at = at;
        rest.isPattern = isPatternToo;
        String found = rest.until(end);
        at = rest.at;
        return found;
    }

    /** A shell's pattern as an expression: * and ?, the rest as it is. */
    private Pattern glob(String pattern, boolean greedy, String value) throws DockerfileException {
        long wildcards = pattern.chars().filter(c -> c == '*').count();
        require(
                wildcards == 0 || (wildcards <= MAX_WILDCARDS && value.length() <= MAX_MATCHED),
                "its pattern has more than " + MAX_WILDCARDS + " asterisks, or meets more than " + MAX_MATCHED
                        + " characters");
        StringBuilder expression = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == escape && i + 1 < pattern.length()) {
                i++;
                expression.append(Pattern.quote(pattern.substring(i, i + 1)));
                continue;
            }
            switch (c) {
                case '*' -> expression.append(greedy ? ".*" : ".*?");
                case '?' -> expression.append('.');
                default -> expression.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(expression.toString(), Pattern.DOTALL);
    }

    /** A name, a number or a sign of the shell's: the last two are never set in a build. */
    private String name() {
        int start = at;
        if (at < word.length() && SHELL_SIGNS.indexOf(word.charAt(at)) >= 0) {
            at++;
        } else if (at < word.length() && isDigit(word.charAt(at))) {
            while (at < word.length() && isDigit(word.charAt(at))) {
                at++;
            }
        } else {
            while (at < word.length() && isNamePart(word.charAt(at))) {
                at++;
            }
        }
        return word.substring(start, at);
    }

    private static boolean isNamePart(char c) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private void require(boolean held, String problem) throws DockerfileException {
        if (!held) {
            throw failure(problem);
        }
    }

    private DockerfileException failure(String problem) {
        String shown = word.length() <= 100 ? word : word.substring(0, 100) + "...";
        return new DockerfileException("\"" + shown + "\" cannot be expanded: " + problem);
    }
}
