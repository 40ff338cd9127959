package dev.sheaf.cli.image.inspect;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.cli.image.RegistryImage;
import dev.sheaf.cli.image.RegistryImage.Kind;
import dev.sheaf.cli.image.RegistryImage.Part;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.ImageConfig;
import dev.sheaf.image.ImageManifest;
import java.util.Map;

/** An image for programs; docs/images.md lists the keys. Keys are added, never renamed; lists are always there. */
final class ImageJson {
    private ImageJson() {}

    static ObjectNode of(RegistryImage image) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("name", image.reference().toString());
        content(root, image.top().descriptor());
        annotations(root, image.annotations());
        ArrayNode images = root.putArray("images");
        image.images().forEach(part -> image(images.addObject(), part));
        ArrayNode attestations = root.putArray("attestations");
        image.of(Kind.ATTESTATION).forEach(part -> attestation(attestations.addObject(), part));
        ArrayNode others = root.putArray("others");
        image.of(Kind.OTHER).forEach(part -> other(others.addObject(), part));
        return root;
    }

    private static void image(ObjectNode node, Part part) {
        part.platform().ifPresent(platform -> node.put("platform", platform.toString()));
        part.stated().platform().ifPresent(platform -> node.put("indexPlatform", platform.toString()));
        part.config()
                .flatMap(ImageConfig::platform)
                .ifPresent(platform -> node.put("configPlatform", platform.toString()));
        part.config()
                .map(ImageConfig::osVersion)
                .filter(version -> !version.isEmpty())
                .ifPresent(version -> node.put("osVersion", version));
        part.config()
                .map(ImageConfig::created)
                .filter(created -> !created.isEmpty())
                .ifPresent(created -> node.put("created", created));
        content(node, part.stated());
        node.put("missing", part.isMissing());
        annotations(node, part.manifest().map(ImageManifest::annotations).orElse(Map.of()));
        if (!part.stated().annotations().isEmpty()) {
            part.stated().annotations().forEach(node.putObject("indexAnnotations")::put);
        }
        ArrayNode layers = node.putArray("layers");
        part.manifest().ifPresent(manifest -> {
            manifest.layers().forEach(layer -> content(layers.addObject(), layer));
            node.put("layersSize", manifest.layersSize());
            content(node.putObject("config"), manifest.config());
        });
    }

    private static void attestation(ObjectNode node, Part part) {
        node.put("about", part.about());
        content(node, part.stated());
        node.put("missing", part.isMissing());
        ArrayNode predicates = node.putArray("predicateTypes");
        part.predicates().forEach(predicates::add);
    }

    private static void other(ObjectNode node, Part part) {
        content(node, part.stated());
        node.put("missing", part.isMissing());
        part.manifest()
                .flatMap(ImageManifest::artifactType)
                .or(() -> part.stated().artifactType())
                .ifPresent(type -> node.put("artifactType", type));
    }

    private static void content(ObjectNode node, Descriptor descriptor) {
        node.put("mediaType", descriptor.mediaType().value());
        node.put("digest", descriptor.digest().value());
        node.put("size", descriptor.size());
    }

    private static void annotations(ObjectNode node, Map<String, String> annotations) {
        annotations.forEach(node.putObject("annotations")::put);
    }
}
