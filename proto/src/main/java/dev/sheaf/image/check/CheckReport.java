package dev.sheaf.image.check;

import dev.sheaf.image.Digest;
import dev.sheaf.image.arch.Finding;
import dev.sheaf.image.arch.Finding.Severity;
import dev.sheaf.image.arch.Image;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What checking one image found, and what it cost.
 *
 * @param manifest of the image that was checked
 * @param image for rules over several platforms; nothing if a layer could not be read, or nothing was to be checked
 * @param findings the worst first
 * @param bytesRead of layers, compressed, from the registry
 * @param layersRead from the registry
 * @param layersRemembered instead of read
 */
public record CheckReport(
        Digest manifest,
        Optional<Image> image,
        List<Finding> findings,
        long bytesRead,
        int layersRead,
        int layersRemembered,
        Duration took) {
    /** Immutable. */
    public CheckReport {
        findings = List.copyOf(findings);
    }

    /** Those that keep the tag from moving. */
    public List<Finding> errors() {
        return of(Severity.ERROR);
    }

    /** The findings of one severity. */
    public List<Finding> of(Severity severity) {
        return findings.stream()
                .filter(finding -> finding.severity() == severity)
                .toList();
    }
}
