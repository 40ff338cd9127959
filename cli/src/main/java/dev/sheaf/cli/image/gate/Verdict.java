package dev.sheaf.cli.image.gate;

import dev.sheaf.image.Platform;
import dev.sheaf.image.arch.Finding;
import dev.sheaf.image.arch.Finding.Severity;
import dev.sheaf.image.check.CheckReport;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the check of an index found.
 *
 * @param images in the index's order
 * @param across findings about several platforms together
 */
public record Verdict(List<Checked> images, List<Finding> across) {
    /** One platform's image. */
    public record Checked(Platform platform, CheckReport report) {}

    public Verdict {
        images = List.copyOf(images);
        across = List.copyOf(across);
    }

    /** Whether no finding says that an image is wrong. */
    public boolean fits() {
        return errors() == 0;
    }

    /** How many findings say that an image is wrong. */
    public long errors() {
        return all().filter(Verdict::isError).count();
    }

    private Stream<Finding> all() {
        return Stream.concat(images.stream().flatMap(image -> image.report().findings().stream()), across.stream());
    }

    static boolean isError(Finding finding) {
        return finding.severity() == Severity.ERROR;
    }

    /** "2 errors, on linux/arm64 and linux/386". */
    public String summary() {
        List<String> platforms = all().filter(Verdict::isError)
                .map(finding -> finding.platform().toString())
                .distinct()
                .toList();
        String last = platforms.isEmpty() ? "" : platforms.getLast();
        String others =
                platforms.stream().limit(Math.max(0, platforms.size() - 1)).collect(Collectors.joining(", "));
        return errors()
                + (errors() == 1 ? " error" : " errors")
                + (platforms.isEmpty() ? "" : ", on " + (others.isEmpty() ? "" : others + " and ") + last);
    }
}
