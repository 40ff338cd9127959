package dev.sheaf.cli.progress.block;

/** Text measured in the cells of a terminal: a Chinese character takes two, an accent none. */
final class Cells {
    private static final String CUT = "…";

    private Cells() {}

    static int width(String text) {
        return text.codePoints().map(Cells::width).sum();
    }

    /** Exactly {@code width} cells: cut with an ellipsis, or filled with blanks. */
    static String fit(String text, int width) {
        String line = text.replace("\t", "  ");
        int has = width(line);
        if (has <= width) {
            return line + " ".repeat(width - has);
        }
        StringBuilder cut = new StringBuilder();
        int used = 0;
        for (int at = 0; at < line.length(); ) {
            int character = line.codePointAt(at);
            if (used + width(character) > width - 1) {
                break;
            }
            cut.appendCodePoint(character);
            used += width(character);
            at += Character.charCount(character);
        }
        return cut.append(width > 0 ? CUT : "")
                .append(" ".repeat(Math.max(0, width - used - 1)))
                .toString();
    }

    private static int width(int character) {
        int type = Character.getType(character);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || type == Character.FORMAT) {
            return 0;
        }
        return isWide(character) ? 2 : 1;
    }

    private static boolean isWide(int c) {
        return (c >= 0x1100 && c <= 0x115f)
                || (c >= 0x2e80 && c <= 0xa4cf)
                || (c >= 0xac00 && c <= 0xd7a3)
                || (c >= 0xf900 && c <= 0xfaff)
                || (c >= 0xfe30 && c <= 0xfe6f)
                || (c >= 0xff00 && c <= 0xff60)
                || (c >= 0xffe0 && c <= 0xffe6)
                || (c >= 0x1f300 && c <= 0x1faff)
                || (c >= 0x20000 && c <= 0x3fffd);
    }
}
