package dev.sheaf.cli.output;

import dev.sheaf.v1.Build;
import dev.sheaf.v1.SliceState;
import java.io.PrintStream;
import java.time.Duration;

/** The result of a build, for people. */
public final class BuildReport {
    private BuildReport() {}

    /** Prints what was built, and what it is called now. */
    public static void print(Build build, PrintStream out) {
        for (String tag : build.getSpec().getTagsList()) {
            if (build.hasIndex()) {
                out.println(TerminalText.plain(tag) + "@"
                        + TerminalText.plain(build.getIndex().getDigest()));
            }
        }
        slices(build, out);
    }

    /** Prints a table of the slices. */
    public static void slices(Build build, PrintStream out) {
        Table table = new Table("PLATFORM", "STATE", "AGENT", "ATTEMPT", "TIME", "DIGEST");
        for (SliceState slice : build.getSlicesList()) {
            table.row(
                    Words.of(slice.getPlatform()) + (slice.getEmulated() ? " (EMULATED)" : ""),
                    Words.of(slice.getStage()),
                    slice.getAgent(),
                    slice.getAttempt() == 0 ? "" : Integer.toString(slice.getAttempt()),
                    time(slice),
                    slice.hasPushed() ? slice.getPushed().getDigest() : slice.getConfigDigest());
        }
        table.print(out);
    }

    private static String time(SliceState slice) {
        return slice.hasStarted() && slice.hasEnded()
                ? Words.of(Duration.between(Words.instant(slice.getStarted()), Words.instant(slice.getEnded())))
                : "";
    }
}
