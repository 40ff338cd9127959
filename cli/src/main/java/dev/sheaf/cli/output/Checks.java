package dev.sheaf.cli.output;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.v1.ArchitectureCheck;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.CheckReport;
import dev.sheaf.v1.SliceState;
import java.io.PrintStream;
import java.time.Duration;

/** What the check of the images' content found, for people and for programs. */
public final class Checks {
    private Checks() {}

    /** Adds the key "architectureCheck". */
    public static void json(CheckReport check, ObjectNode node) {
        ObjectNode report = node.putObject("architectureCheck");
        report.put("mode", of(check.getCheck()));
        report.put("bytesRead", check.getBytesRead());
        report.put("layersRead", check.getLayersRead());
        report.put("layersRemembered", check.getLayersRemembered());
        report.put("seconds", took(check).toMillis() / 1000.0);
        check.getNotesList().forEach(report.putArray("notes")::add);
    }

    /** Prints a line for each slice that was checked, and its notes. */
    public static void print(Build build, PrintStream out) {
        boolean isFirst = true;
        for (SliceState slice : build.getSlicesList()) {
            if (slice.hasCheck()) {
                if (isFirst) {
                    out.println();
                    isFirst = false;
                }
                out.println(Words.of(slice.getPlatform()) + ": " + line(slice.getCheck()));
                slice.getCheck().getNotesList().forEach(note -> out.println(" - " + TerminalText.plain(note)));
            }
        }
    }

    /** "architecture checked (strict): 3 layers read (12 MB), 2 known, 0.4s". */
    public static String line(CheckReport check) {
        if (check.getCheck() == ArchitectureCheck.ARCHITECTURE_CHECK_OFF) {
            return "architecture NOT checked inside: --verify-arch=off";
        }
        return "architecture checked (" + of(check.getCheck()) + "): " + check.getLayersRead() + " layers read ("
                + Words.bytes(check.getBytesRead()) + "), " + check.getLayersRemembered() + " known, "
                + Words.of(took(check));
    }

    private static Duration took(CheckReport check) {
        return Duration.ofSeconds(check.getTook().getSeconds(), check.getTook().getNanos());
    }

    private static String of(ArchitectureCheck check) {
        return switch (check) {
            case ARCHITECTURE_CHECK_OFF -> "off";
            case ARCHITECTURE_CHECK_ENTRYPOINT -> "entrypoint";
            case ARCHITECTURE_CHECK_STRICT -> "strict";
            case ARCHITECTURE_CHECK_UNSPECIFIED, UNRECOGNIZED -> "unknown";
        };
    }
}
