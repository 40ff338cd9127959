package dev.sheaf.image.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageFormatException;
import dev.sheaf.image.MediaType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Which config and which layers make an image. Pure. */
record Manifest(Descriptor config, List<Descriptor> layers) {
    /** As many as no engine can mount over each other. */
    private static final int MAX_LAYERS = 1_000;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Throws {@link ImageFormatException} with one sentence. */
    static Manifest parse(byte[] bytes) {
        JsonNode root;
        try {
            root = JSON.readTree(bytes);
        } catch (IOException e) {
            throw new ImageFormatException("the manifest is not JSON", e);
        }
        JsonNode layers = root.path("layers");
        if (!layers.isArray()) {
            throw new ImageFormatException("the manifest has no list \"layers\"");
        }
        if (layers.size() > MAX_LAYERS) {
            throw new ImageFormatException(
                    "the manifest has " + layers.size() + " layers, more than the " + MAX_LAYERS + " that are allowed");
        }
        List<Descriptor> found = new ArrayList<>();
        layers.forEach(layer -> found.add(descriptor(layer)));
        return new Manifest(descriptor(root.path("config")), List.copyOf(found));
    }

    private static Descriptor descriptor(JsonNode node) {
        if (!node.path("size").canConvertToLong() || node.path("size").asLong() < 0) {
            throw new ImageFormatException("the manifest names content without a size");
        }
        try {
            return Descriptor.of(
                    MediaType.parse(node.path("mediaType").asText("")),
                    Digest.parse(node.path("digest").asText("")),
                    node.path("size").asLong());
        } catch (ImageFormatException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new ImageFormatException("the manifest names content badly: " + e.getMessage(), e);
        }
    }

    long bytes() {
        return layers.stream().mapToLong(Descriptor::size).sum();
    }
}
