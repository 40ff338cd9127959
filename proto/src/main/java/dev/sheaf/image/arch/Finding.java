package dev.sheaf.image.arch;

import dev.sheaf.image.Digest;
import dev.sheaf.image.Platform;
import java.util.Optional;

/**
 * Something about an image that somebody should know.
 *
 * @param platform of the image
 * @param subject a path in the image, or what else it is about, such as {@code the configuration}
 * @param origin the layer that the subject is in
 * @param found what is so, as the rest of a sentence that begins with the subject: {@code is an x86-64 program}
 * @param expected what should be so, as a sentence; may be empty
 * @param fix what to do, as an imperative; may be empty
 */
public record Finding(
        Severity severity,
        Rule rule,
        Platform platform,
        String subject,
        Optional<Origin> origin,
        String found,
        String expected,
        String fix) {
    private static final int MAX_INSTRUCTION = 120; // characters of it in a sentence

    /** How bad it is. */
    public enum Severity {
        /** The image is wrong: its tag must not move. */
        ERROR,
        /** The image may be wrong. */
        WARNING,
        /** Nothing is wrong. */
        NOTE
    }

    /**
     * A layer, and what made it.
     *
     * @param number from 1, the lowest
     * @param instruction of the Dockerfile, as the configuration's history has it; may be empty
     */
    public record Origin(Digest layer, int number, String instruction) {}

    /** All of it in one line. */
    public String sentence() {
        StringBuilder text = new StringBuilder(subject).append(' ').append(found);
        if (!expected.isEmpty()) {
            text.append(", and ").append(expected);
        }
        origin.ifPresent(from -> {
            text.append(" (layer ").append(from.number());
            if (!from.instruction().isEmpty()) {
                text.append(", ").append(shortened(from.instruction()));
            }
            text.append(')');
        });
        if (!fix.isEmpty()) {
            text.append(": ").append(fix);
        }
        return printable(text);
    }

    private static String shortened(String instruction) {
        return instruction.length() <= MAX_INSTRUCTION
                ? instruction
                : instruction.substring(0, MAX_INSTRUCTION) + "...";
    }

    /** Names in an image are anybody's: they must not steer a terminal or begin a new line. */
    private static String printable(CharSequence text) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            boolean hidden = Character.isISOControl(point)
                    || Character.getType(point) == Character.FORMAT
                    || Character.getType(point) == Character.LINE_SEPARATOR
                    || Character.getType(point) == Character.PARAGRAPH_SEPARATOR;
            safe.appendCodePoint(hidden ? '?' : point);
        });
        return safe.toString();
    }

    Finding withSeverity(Severity other, String why) {
        return new Finding(other, rule, platform, subject, origin, found, expected, why);
    }
}
