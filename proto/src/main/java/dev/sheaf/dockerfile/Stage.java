package dev.sheaf.dockerfile;

import java.util.List;

/**
 * A stage of a Dockerfile: a FROM and what follows it.
 *
 * @param index from 0
 * @param name lower-case, as BuildKit compares it. Empty: it has none
 * @param base what it builds on as written, not expanded: an image, an earlier stage or "scratch"
 * @param platform value of {@code --platform} as written. Empty: none
 * @param instructions without the FROM
 */
public record Stage(
        int index, String name, Instruction from, String base, String platform, List<Instruction> instructions) {
    public Stage {
        instructions = List.copyOf(instructions);
    }

    /** The name, or else the number, for messages. */
    public String title() {
        return name.isEmpty() ? "stage " + index : "stage " + name;
    }
}
