package dev.sheaf.cli.progress.block;

import dev.sheaf.cli.progress.block.Lane.Mood;
import dev.sheaf.cli.progress.block.Lane.Row;
import java.util.ArrayList;
import java.util.List;

/** Puts lanes side by side where the terminal is wide enough, else one under another. */
public final class BlockLayout {
    /** Below this many cells a step's name says nothing. */
    private static final int NARROWEST_LANE = 44;

    private static final String BETWEEN = " │ ";

    private BlockLayout() {}

    /**
     * The lines of the block, none wider than the terminal, and so few that the block and the cursor's line fit on it.
     *
     * @param columns width of the terminal in cells
     * @param rows height of the terminal in lines
     */
    public static List<String> lines(List<Lane> lanes, int columns, int rows, boolean colour) {
        if (lanes.isEmpty()) {
            return List.of();
        }
        int room = Math.max(1, rows - 1);
        int beside = lanesBeside(lanes.size(), columns);
        int bands = (lanes.size() + beside - 1) / beside;
        // The last column stays free: what clears the rest of a line there would clear its last character.
        int width = Math.max(1, (columns - 1 - BETWEEN.length() * (beside - 1)) / beside);
        List<String> lines = new ArrayList<>();
        for (int band = 0; band < bands; band++) {
            List<Lane> of = lanes.subList(band * beside, Math.min(lanes.size(), (band + 1) * beside));
            int height = Math.max(1, (room - lines.size()) / (bands - band));
            lines.addAll(band(of, width, height, colour));
        }
        return List.copyOf(lines.size() <= room ? lines : lines.subList(0, room));
    }

    private static int lanesBeside(int lanes, int columns) {
        int fit = (columns - 1 + BETWEEN.length()) / (NARROWEST_LANE + BETWEEN.length());
        return Math.clamp(fit, 1, lanes);
    }

    private static List<String> band(List<Lane> lanes, int width, int height, boolean colour) {
        List<List<Row>> parts = lanes.stream().map(lane -> rows(lane, height)).toList();
        int tallest = parts.stream().mapToInt(List::size).max().orElse(0);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < tallest; i++) {
            StringBuilder line = new StringBuilder();
            for (List<Row> part : parts) {
                line.append(line.isEmpty() ? "" : BETWEEN);
                line.append(i < part.size() ? cell(part.get(i), width, colour) : " ".repeat(width));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    private static List<Row> rows(Lane lane, int height) {
        List<Row> shown = new ArrayList<>();
        shown.add(lane.head());
        int kept = Math.min(lane.rows().size(), height - 1);
        shown.addAll(lane.rows().subList(lane.rows().size() - kept, lane.rows().size()));
        return shown;
    }

    private static String cell(Row row, int width, boolean colour) {
        int left = width - Cells.width(row.right()) - 1;
        String text = row.right().isEmpty() || left < 1
                ? Cells.fit(row.left(), width)
                : Cells.fit(row.left(), left) + " " + row.right();
        return colour && row.mood() != Mood.PLAIN ? row.mood().paint(text) : text;
    }
}
