package dev.sheaf.image;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the manifest of one image, or of an artifact such as an attestation, says.
 *
 * @param layers in their order, the lowest first
 * @param artifactType what it is if it is no image
 */
public record ImageManifest(
        Descriptor config, List<Descriptor> layers, Optional<String> artifactType, Map<String, String> annotations) {
    private static final String WHAT = "the manifest";

    /** Immutable. */
    public ImageManifest {
        layers = List.copyOf(layers);
        annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
    }

    /** Reads a manifest strictly; throws {@link ImageFormatException} with one sentence. */
    public static ImageManifest parse(byte[] bytes) {
        JsonNode root = DescriptorJson.versioned(WHAT, bytes);
        // As with an index: what could be read as the other is neither.
        if (root.has("manifests")) {
            throw new ImageFormatException("the manifest has \"manifests\", which belongs to an index");
        }
        // BuildKit, as Go does, writes null for the list of an image that has no layers.
        if (!root.path("layers").isArray() && !root.path("layers").isNull()) {
            throw new ImageFormatException("the manifest has no list \"layers\"");
        }
        List<Descriptor> layers = new ArrayList<>();
        for (JsonNode layer : root.path("layers")) {
            layers.add(DescriptorJson.read("a layer of the manifest", layer));
        }
        return new ImageManifest(
                DescriptorJson.read("the config of the manifest", root.path("config")),
                layers,
                DescriptorJson.optionalText(WHAT, root, "artifactType"),
                DescriptorJson.annotations(WHAT, root));
    }

    /** Whether it is an image that runs: its config is an image's, of OCI or of Docker. */
    public boolean isImage() {
        return config.mediaType().equals(MediaType.OCI_CONFIG)
                || config.mediaType().equals(MediaType.DOCKER_CONFIG);
    }

    /** Bytes of all layers as they are stored and pulled: compressed. */
    public long layersSize() {
        return layers.stream().mapToLong(Descriptor::size).sum();
    }
}
