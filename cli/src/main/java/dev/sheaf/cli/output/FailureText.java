package dev.sheaf.cli.output;

import dev.sheaf.v1.Failure;
import dev.sheaf.v1.SourceExcerpt;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** A failed build, for people, as buildx shows one. The last line starts with "ERROR: ". */
public final class FailureText {
    private static final String RULE = "-".repeat(20);

    private FailureText() {}

    /**
     * Prints a build's failure.
     *
     * @param stepLines the end of the failed step's output, under its name; safe to print; may be empty
     */
    public static void print(Failure failure, List<String> stepLines, PrintStream err) {
        if (!stepLines.isEmpty()) {
            err.println("------");
            stepLines.forEach(err::println);
            err.println("------");
        }
        if (failure.hasSource()) {
            excerpt(failure.getSource(), err);
        }
        failure.getDetailsList().forEach(detail -> err.println(" - " + oneLine(detail)));
        String where = failure.getPlatform().isEmpty() ? "" : TerminalText.plain(failure.getPlatform()) + ": ";
        error(where + oneLine(failure.getMessage()), err);
    }

    /** Prints the last line of a program that failed. */
    public static void error(String line, PrintStream err) {
        err.println("ERROR: " + line);
        err.flush();
    }

    private static String oneLine(String message) {
        return TerminalText.plain(String.join(" ", message.strip().lines().toList()));
    }

    private static void excerpt(SourceExcerpt source, PrintStream err) {
        err.println(TerminalText.plain(source.getFile()) + ":" + source.getErrorStart());
        err.println(RULE);
        int number = source.getFirstLine();
        for (String line : source.getLinesList()) {
            boolean marked = number >= source.getErrorStart() && number <= source.getErrorEnd();
            String text =
                    String.format(Locale.ROOT, "%4d | %s %s", number, marked ? ">>>" : "   ", TerminalText.plain(line));
            err.println(text.stripTrailing());
            number++;
        }
        err.println(RULE);
    }
}
