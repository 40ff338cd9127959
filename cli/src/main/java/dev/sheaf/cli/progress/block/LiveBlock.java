package dev.sheaf.cli.progress.block;

import java.util.List;

/**
 * Lines at the end of a terminal that are written over. Says what to send to the terminal; the caller sends it in one
 * piece, so that nothing flickers.
 */
public final class LiveBlock {
    private static final String HOLD = "\u001b[?2026h"; // draw all of it at once, where the terminal can
    private static final String SHOW = "\u001b[?2026l";
    private static final String NO_WRAP = "\u001b[?7l";
    private static final String WRAP = "\u001b[?7h";
    private static final String CLEAR_LINE_REST = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";

    private List<String> drawn = List.of();

    /** Puts lines in the place of those that are there. */
    public String replace(List<String> lines, int columns) {
        StringBuilder out = new StringBuilder(HOLD).append(up(columns)).append(NO_WRAP);
        for (String line : lines) {
            out.append(line).append(CLEAR_LINE_REST).append("\r\n");
        }
        drawn = List.copyOf(lines);
        return out.append(CLEAR_BELOW).append(WRAP).append(SHOW).toString();
    }

    /** Writes a line that stays, above the block. */
    public String above(String line, int columns) {
        String out = HOLD + up(columns) + CLEAR_BELOW + line + "\r\n";
        List<String> block = drawn;
        drawn = List.of();
        return out + replace(block, columns);
    }

    /** To the start of the block. Terminals that got narrower have wrapped its lines. */
    private String up(int columns) {
        int lines = 0;
        for (String line : drawn) {
            int width = Cells.width(line.replaceAll("\u001b\\[[0-9;]*m", ""));
            lines += Math.max(1, (width + columns - 1) / Math.max(1, columns));
        }
        return lines == 0 ? "\r" : "\u001b[" + lines + "A\r";
    }
}
