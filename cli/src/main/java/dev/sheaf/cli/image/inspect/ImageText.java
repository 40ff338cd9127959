package dev.sheaf.cli.image.inspect;

import dev.sheaf.cli.image.RegistryImage;
import dev.sheaf.cli.image.RegistryImage.Kind;
import dev.sheaf.cli.image.RegistryImage.Part;
import dev.sheaf.cli.output.Table;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.output.Words;
import dev.sheaf.image.ImageManifest;
import dev.sheaf.image.MediaType;
import dev.sheaf.image.Platform;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** An image for people. */
final class ImageText {
    private ImageText() {}

    static void print(RegistryImage image, PrintStream out) {
        field(out, "Name", image.reference().toString());
        field(out, "Digest", image.top().digest().value());
        field(out, "Media type", image.mediaType().value());
        annotations(out, "Annotations", image.annotations());
        out.println();
        images(image, out);
        attestations(image, out);
        others(image, out);
        if (image.index().isPresent()) {
            for (Part part : image.images()) {
                part.manifest()
                        .ifPresent(manifest ->
                                annotations(out, "Annotations of " + platform(part), manifest.annotations()));
            }
        }
        remarks(image, out);
    }

    private static void images(RegistryImage image, PrintStream out) {
        Table table = new Table("PLATFORM", "SIZE", "LAYERS", "TYPE", "DIGEST");
        for (Part part : image.images()) {
            table.row(
                    platform(part),
                    part.manifest()
                            .map(ImageManifest::layersSize)
                            .map(Words::bytes)
                            .orElse("missing"),
                    part.manifest()
                            .map(manifest -> Integer.toString(manifest.layers().size()))
                            .orElse(""),
                    type(part.stated().mediaType()),
                    part.stated().digest().value());
        }
        table.print(out);
    }

    private static void attestations(RegistryImage image, PrintStream out) {
        List<Part> attestations = image.of(Kind.ATTESTATION);
        if (attestations.isEmpty()) {
            return;
        }
        Map<String, String> platforms = image.images().stream()
                .collect(Collectors.toMap(
                        part -> part.stated().digest().value(), ImageText::platform, (first, _) -> first));
        Table table = new Table("ATTESTATION", "FOR", "DIGEST");
        for (Part part : attestations) {
            table.row(
                    part.isMissing()
                            ? "missing"
                            : part.predicates().stream().map(Predicates::name).collect(Collectors.joining(", ")),
                    platforms.getOrDefault(part.about(), part.about()),
                    part.stated().digest().value());
        }
        out.println();
        table.print(out);
    }

    private static void others(RegistryImage image, PrintStream out) {
        List<Part> others = image.of(Kind.OTHER);
        if (others.isEmpty()) {
            return;
        }
        Table table = new Table("OTHER", "DIGEST");
        for (Part part : others) {
            String artifact = part.manifest()
                    .flatMap(ImageManifest::artifactType)
                    .or(() -> part.stated().artifactType())
                    .orElse(part.stated().mediaType().value());
            table.row(artifact, part.stated().digest().value());
        }
        out.println();
        table.print(out);
    }

    /** What is wrong with it at first sight. */
    private static void remarks(RegistryImage image, PrintStream out) {
        for (Part part : image.parts()) {
            part.contradiction()
                    .ifPresent(own -> remark(
                            out,
                            part.stated().digest() + " is " + own + " by its config, and the index says "
                                    + part.stated()
                                            .platform()
                                            .map(Platform::toString)
                                            .orElse("nothing")));
            if (part.isMissing()) {
                remark(out, "the registry does not have " + part.stated().digest() + ", which the index names");
            }
        }
    }

    private static void remark(PrintStream out, String text) {
        out.println();
        out.println("WARN: " + text);
    }

    private static String platform(Part part) {
        return part.platform().map(Platform::toString).orElse("unknown");
    }

    private static String type(MediaType type) {
        return type.equals(MediaType.DOCKER_MANIFEST) ? "docker" : "oci";
    }

    private static void field(PrintStream out, String name, String value) {
        out.println((name + ":           ").substring(0, 12) + TerminalText.plain(value));
    }

    private static void annotations(PrintStream out, String title, Map<String, String> annotations) {
        if (!annotations.isEmpty()) {
            out.println(title + ":");
            annotations.forEach(
                    (name, value) -> out.println("  " + TerminalText.plain(name) + ": " + TerminalText.plain(value)));
        }
    }
}
