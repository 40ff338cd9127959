package dev.sheaf.dockerfile;

import java.util.ArrayList;
import java.util.List;

/**
 * Takes a line of a Dockerfile apart at white space that is neither quoted nor escaped, as the frontend does and no shell:
 * the escape is the file's, an open quote ends with the line, and variables are left for later.
 */
final class InstructionWords {
    static final char ESCAPE = '\\';

    private InstructionWords() {}

    /** The words with their quotes and escapes. An open quote reaches to the end of the line. */
    static List<String> raw(String line, char escape) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        char quote = 0;
        for (int at = 0; at < line.length(); at++) {
            char c = line.charAt(at);
            if (quote == 0 && isSpace(c)) {
                add(words, word);
                continue;
            }
            word.append(c);
            if (c == escape && quote != '\'' && at + 1 < line.length()) {
                at++;
                word.append(line.charAt(at));
            } else if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            }
        }
        add(words, word);
        return words;
    }

    private static void add(List<String> words, StringBuilder word) {
        if (!word.isEmpty()) {
            words.add(word.toString());
            word.setLength(0);
        }
    }

    /** The word without quotes and escapes; variables stay as they are. */
    static String unquoted(String word, char escape) {
        StringBuilder plain = new StringBuilder();
        char quote = 0;
        for (int at = 0; at < word.length(); at++) {
            char c = word.charAt(at);
            if (c == escape && quote != '\'' && at + 1 < word.length()) {
                at++;
                plain.append(word.charAt(at));
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            } else if (quote != 0 && c == quote) {
                quote = 0;
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }

    static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\u000b';
    }
}
