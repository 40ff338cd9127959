package dev.sheaf.cli.progress.block;

import java.util.List;

/**
 * What is shown of one platform.
 *
 * @param rows below the head, the most important last: where there is no room, the first are left out
 */
public record Lane(Row head, List<Row> rows) {
    public Lane {
        rows = List.copyOf(rows);
    }

    /** Text at the left, such as a step, and at the right, such as its time. */
    public record Row(Mood mood, String left, String right) {}

    /** How a row looks. */
    public enum Mood {
        PLAIN(""),
        ACTIVE("\u001b[36m"),
        GOOD("\u001b[32m"),
        BAD("\u001b[31m"),
        FAINT("\u001b[2m");

        private final String sequence;

        Mood(String sequence) {
            this.sequence = sequence;
        }

        String paint(String text) {
            return sequence.isEmpty() ? text : sequence + text + "\u001b[0m";
        }
    }
}
