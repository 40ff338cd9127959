package dev.sheaf.cli.lint;

import dev.sheaf.dockerfile.Instruction;
import java.util.Comparator;

/**
 * Something that makes an image wrong on some platform.
 *
 * @param rule its name, to look it up and to silence it
 * @param message what is wrong, one line
 * @param fix what to do, one line
 */
public record Finding(String rule, Severity severity, int firstLine, int lastLine, String message, String fix) {
    /** In the order of the Dockerfile. */
    public static final Comparator<Finding> ORDER = Comparator.comparingInt(Finding::firstLine)
            .thenComparing(Finding::severity)
            .thenComparing(Finding::rule)
            .thenComparing(Finding::message);

    /** How sure and how bad it is. */
    public enum Severity {
        /** The image, or what is in it, is of the wrong architecture, or the build fails, on some platform. */
        ERROR,
        /** It may be. */
        WARNING;

        /** "error", "warning". */
        public String word() {
            return switch (this) {
                case ERROR -> "error";
                case WARNING -> "warning";
            };
        }
    }

    static Finding at(Instruction instruction, String rule, Severity severity, String message, String fix) {
        return new Finding(rule, severity, instruction.firstLine(), instruction.lastLine(), message, fix);
    }

    /** "line 7: ... (rule)". */
    public String line() {
        return "line " + firstLine + ": " + message + " (" + rule + ")";
    }
}
