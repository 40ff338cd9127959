package dev.sheaf.cli.image.gate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.image.arch.Finding;
import dev.sheaf.image.check.CheckReport;
import java.util.List;
import java.util.Locale;

/** A verdict for programs; docs/images.md lists the keys. Keys are added, never renamed; lists are always there. */
public final class VerdictJson {
    private VerdictJson() {}

    /** Adds the keys {@code fits}, {@code platforms} and {@code acrossPlatforms}. */
    public static void write(Verdict verdict, ObjectNode root) {
        root.put("fits", verdict.fits());
        ArrayNode platforms = root.putArray("platforms");
        for (Verdict.Checked image : verdict.images()) {
            ObjectNode node = platforms.addObject();
            CheckReport report = image.report();
            node.put("platform", image.platform().toString());
            node.put("digest", report.manifest().value());
            node.put("fits", report.errors().isEmpty());
            node.put("bytesRead", report.bytesRead());
            node.put("layersRead", report.layersRead());
            node.put("layersRemembered", report.layersRemembered());
            node.put("milliseconds", report.took().toMillis());
            findings(report.findings(), node.putArray("findings"));
        }
        findings(verdict.across(), root.putArray("acrossPlatforms"));
    }

    private static void findings(List<Finding> findings, ArrayNode list) {
        for (Finding finding : findings) {
            ObjectNode node = list.addObject();
            node.put("severity", finding.severity().name().toLowerCase(Locale.ROOT));
            node.put("rule", finding.rule().id());
            node.put("platform", finding.platform().toString());
            node.put("subject", finding.subject());
            finding.origin().ifPresent(origin -> {
                node.put("layer", origin.layer().value());
                node.put("layerNumber", origin.number());
                node.put("instruction", origin.instruction());
            });
            node.put("found", finding.found());
            node.put("expected", finding.expected());
            node.put("fix", finding.fix());
            node.put("sentence", finding.sentence());
        }
    }
}
