package dev.sheaf.cli.image.gate;

import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.output.Words;
import dev.sheaf.image.arch.Finding;
import dev.sheaf.image.arch.Finding.Severity;
import dev.sheaf.image.check.CheckReport;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** A verdict for people: platform by platform, the worst first. */
public final class VerdictText {
    /** Findings of a platform: who has more mends the first, and looks again. */
    private static final int MAX_FINDINGS = 20;

    private VerdictText() {}

    /** All that was found, and what finding it took. */
    public static void print(Verdict verdict, PrintStream out) {
        for (Verdict.Checked image : verdict.images()) {
            CheckReport report = image.report();
            out.println(image.platform() + " " + word(report.findings()) + " (" + report.manifest() + "; "
                    + cost(report) + ")");
            findings(report.findings(), out);
        }
        if (!verdict.across().isEmpty()) {
            out.println("all platforms together " + word(verdict.across()));
            findings(verdict.across(), out);
        }
    }

    /** Only what is wrong, for a command that does not go on because of it. */
    public static void printErrors(Verdict verdict, PrintStream out) {
        for (Verdict.Checked image : verdict.images()) {
            List<Finding> errors = image.report().errors();
            if (!errors.isEmpty()) {
                out.println(
                        image.platform() + " does not fit (" + image.report().manifest() + ")");
                findings(errors, out);
            }
        }
        findings(verdict.across().stream().filter(Verdict::isError).toList(), out);
    }

    private static String word(List<Finding> findings) {
        return findings.stream().anyMatch(Verdict::isError) ? "does not fit" : "fits";
    }

    private static String cost(CheckReport report) {
        int layers = report.layersRead() + report.layersRemembered();
        return layers + (layers == 1 ? " layer, " : " layers, ") + Words.bytes(report.bytesRead()) + " read in "
                + Words.of(report.took());
    }

    private static void findings(List<Finding> findings, PrintStream out) {
        findings.stream()
                .limit(MAX_FINDINGS)
                .forEach(finding ->
                        out.println("  " + word(finding.severity()) + ": " + TerminalText.plain(finding.sentence())));
        if (findings.size() > MAX_FINDINGS) {
            out.println("  ... and " + (findings.size() - MAX_FINDINGS) + " more; --format json shows all");
        }
    }

    private static String word(Severity severity) {
        return severity.name().toLowerCase(Locale.ROOT);
    }
}
