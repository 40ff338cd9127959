package dev.sheaf.cli.output;

/**
 * Makes text from elsewhere safe to print: the output of a build step, or the name of an agent, must not move the
 * cursor, set the window's title or answer for the user.
 */
public final class TerminalText {
    private static final char ESCAPE = 0x1b;
    private static final char BELL = 0x07;
    private static final char CSI = 0x9b;

    private TerminalText() {}

    /** Without control characters, tabs kept. */
    public static String plain(String text) {
        return filter(text, false);
    }

    /** Without control characters, tabs and colours kept; ends with a reset if there was a colour. */
    public static String coloured(String text) {
        return filter(text, true);
    }

    private static String filter(String text, boolean colours) {
        if (isHarmless(text)) {
            return text;
        }
        StringBuilder safe = new StringBuilder(text.length());
        boolean coloured = false;
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == ESCAPE || c == CSI) {
                int end = sequenceEnd(text, at);
                if (colours && isColour(text, at, end)) {
                    safe.append(text, at, end);
                    coloured = true;
                }
                at = end;
            } else {
                if (!isControl(c)) {
                    safe.append(c);
                }
                at++;
            }
        }
        return coloured ? safe.append("\u001b[0m").toString() : safe.toString();
    }

    private static boolean isHarmless(String text) {
        return text.chars().noneMatch(c -> isControl((char) c));
    }

    /** C0 but the tab, DEL, C1, and the characters that turn the direction of what follows. */
    private static boolean isControl(char c) {
        return (c < ' ' && c != '\t')
                || (c >= 0x7f && c <= 0x9f)
                || (c >= '\u202a' && c <= '\u202e')
                || (c >= '\u2066' && c <= '\u2069')
                || c == '\u2028'
                || c == '\u2029';
    }

    /** Position after the escape sequence that starts at {@code start}; an unfinished one reaches to the end. */
    private static int sequenceEnd(String text, int start) {
        int at = start + 1;
        if (text.charAt(start) == ESCAPE) {
            if (at >= text.length()) {
                return at;
            }
            char kind = text.charAt(at);
            if (kind == ']' || kind == 'P' || kind == 'X' || kind == '^' || kind == '_') {
                return stringEnd(text, at + 1);
            }
            if (kind != '[') {
                return intermediateEnd(text, at);
            }
            at++;
        }
        while (at < text.length() && (text.charAt(at) < 0x40 || text.charAt(at) > 0x7e)) {
            at++;
        }
        return Math.min(at + 1, text.length());
    }

    private static int intermediateEnd(String text, int start) {
        int at = start;
        while (at < text.length() && text.charAt(at) >= 0x20 && text.charAt(at) <= 0x2f) {
            at++;
        }
        return Math.min(at + 1, text.length());
    }

    private static int stringEnd(String text, int start) {
        for (int at = start; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == BELL) {
                return at + 1;
            }
            if (c == ESCAPE) {
                return Math.min(at + 2, text.length());
            }
        }
        return text.length();
    }

    private static boolean isColour(String text, int start, int end) {
        if (text.charAt(start) != ESCAPE || end - start < 3 || text.charAt(end - 1) != 'm') {
            return false;
        }
        return text.substring(start + 2, end - 1)
                .chars()
                .allMatch(c -> (c >= '0' && c <= '9') || c == ';' || c == ':');
    }
}
