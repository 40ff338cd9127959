package dev.sheaf.cli.flags;

import dev.sheaf.cli.shell.CliException;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits a command, which no shell will read, into words as a POSIX shell does: blanks separate, quotes and backslashes keep. What only a shell can
 * do (variables, pipes, redirections) is refused, because it would silently become an argument.
 */
final class CommandWords {
    private static final String SHELL_ONLY = "|&;<>()$`";
    private static final String ESCAPED_IN_QUOTES = "$`\"\\\n";

    private final String flag;
    private final String text;
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean isInWord;
    private int at;

    private CommandWords(String flag, String text) {
        this.flag = flag;
        this.text = text;
    }

    /** The words; messages name the flag. */
    static List<String> split(String flag, String text) throws CliException {
        return new CommandWords(flag, text).split();
    }

    private List<String> split() throws CliException {
        while (at < text.length()) {
            char c = text.charAt(at++);
            switch (c) {
                case ' ', '\t', '\n', '\r' -> end();
                case '\'' -> quoted();
                case '"' -> doubleQuoted();
                case '\\' -> add(next("a backslash at its end"));
                default -> {
                    requireNoShell(c);
                    add(c);
                }
            }
        }
        end();
        return List.copyOf(words);
    }

    private void quoted() throws CliException {
        isInWord = true;
        for (char c = next("a quote ' that is not closed"); c != '\''; c = next("a quote ' that is not closed")) {
            word.append(c);
        }
    }

    private void doubleQuoted() throws CliException {
        String open = "a quote \" that is not closed";
        isInWord = true;
        for (char c = next(open); c != '"'; c = next(open)) {
            if (c == '\\' && at < text.length() && ESCAPED_IN_QUOTES.indexOf(text.charAt(at)) >= 0) {
                c = next(open);
            } else if (c == '$' || c == '`') {
                requireNoShell(c);
            }
            word.append(c);
        }
    }

    private void add(char c) {
        isInWord = true;
        word.append(c);
    }

    private void end() {
        if (isInWord) {
            words.add(word.toString());
            word.setLength(0);
            isInWord = false;
        }
    }

    private char next(String missing) throws CliException {
        if (at == text.length()) {
            throw CliException.user(flag + " has " + missing + ": " + text);
        }
        return text.charAt(at++);
    }

    private void requireNoShell(char c) throws CliException {
        if (SHELL_ONLY.indexOf(c) >= 0) {
            throw CliException.user(
                    flag + " has a " + c + ", which only a shell reads, and none runs the command: write"
                            + " it in single quotes, or sh -c '...' if the image has a shell");
        }
    }
}
