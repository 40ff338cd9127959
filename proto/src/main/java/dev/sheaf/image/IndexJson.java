package dev.sheaf.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The JSON form of an index, read strictly and written always in the same bytes. */
final class IndexJson {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private IndexJson() {}

    static ImageIndex read(byte[] bytes) {
        if (bytes.length > ImageIndex.MAX_BYTES) {
            throw new ImageFormatException("the index has " + bytes.length + " bytes, more than the "
                    + ImageIndex.MAX_BYTES + " that are allowed");
        }
        JsonNode root = tree(bytes);
        if (!root.isObject()) {
            throw new ImageFormatException("the index is not a JSON object");
        }
        if (!root.path("schemaVersion").isIntegralNumber()
                || root.path("schemaVersion").asInt() != 2) {
            throw new ImageFormatException("the index does not state schemaVersion 2");
        }
        // One document that is both an index and a manifest means different things to different readers.
        for (String foreign : List.of("layers", "config", "fsLayers")) {
            if (root.has(foreign)) {
                throw new ImageFormatException("the index has \"" + foreign + "\", which belongs to a manifest");
            }
        }
        MediaType mediaType =
                optionalText(root, "mediaType").map(IndexJson::mediaType).orElse(MediaType.OCI_INDEX);
        if (!mediaType.isIndex()) {
            throw new ImageFormatException("it is no index but " + mediaType);
        }
        JsonNode manifests = root.path("manifests");
        if (!manifests.isArray()) {
            throw new ImageFormatException("the index has no list \"manifests\"");
        }
        List<Descriptor> entries = new ArrayList<>(manifests.size());
        for (JsonNode entry : manifests) {
            entries.add(descriptor(entry));
        }
        return new ImageIndex(mediaType, entries, bytes);
    }

    private static JsonNode tree(byte[] bytes) {
        try {
            return JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new ImageFormatException("the index is not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ImageFormatException("the index is not valid JSON", e);
        }
    }

    private static Descriptor descriptor(JsonNode entry) {
        if (!entry.isObject()) {
            throw new ImageFormatException("an entry of the index is not a JSON object");
        }
        JsonNode size = entry.path("size");
        if (!size.isIntegralNumber() || !size.canConvertToLong() || size.asLong() < 0) {
            throw new ImageFormatException("an entry of the index has no size");
        }
        try {
            return new Descriptor(
                    mediaType(text(entry, "mediaType")),
                    Digest.parse(text(entry, "digest")),
                    size.asLong(),
                    platform(entry.path("platform")),
                    optionalText(entry, "artifactType"),
                    annotations(entry.path("annotations")));
        } catch (ImageFormatException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new ImageFormatException("an entry of the index is wrong: " + e.getMessage(), e);
        }
    }

    private static MediaType mediaType(String text) {
        try {
            return MediaType.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ImageFormatException("the index states a media type that is none", e);
        }
    }

    private static Optional<Platform> platform(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return Optional.empty();
        }
        return Optional.of(Platform.of(
                text(node, "os"),
                text(node, "architecture"),
                optionalText(node, "variant").orElse("")));
    }

    private static Map<String, String> annotations(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return Map.of();
        }
        if (!node.isObject()) {
            throw new ImageFormatException("the annotations of an entry are not a JSON object");
        }
        Map<String, String> found = new TreeMap<>();
        for (Map.Entry<String, JsonNode> annotation : node.properties()) {
            if (!annotation.getValue().isTextual()) {
                throw new ImageFormatException("the annotation \"" + annotation.getKey() + "\" is not a string");
            }
            found.put(annotation.getKey(), annotation.getValue().textValue());
        }
        return found;
    }

    private static String text(JsonNode node, String field) {
        return optionalText(node, field)
                .orElseThrow(() -> new ImageFormatException("an entry of the index has no \"" + field + "\""));
    }

    private static Optional<String> optionalText(JsonNode node, String field) {
        JsonNode value = node.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isTextual()) {
            throw new ImageFormatException("\"" + field + "\" in the index is not a string");
        }
        return Optional.of(value.textValue());
    }

    static byte[] write(List<Descriptor> entries) {
        ObjectNode root = JSON.createObjectNode();
        root.put("schemaVersion", 2);
        root.put("mediaType", MediaType.OCI_INDEX.value());
        ArrayNode manifests = root.putArray("manifests");
        entries.forEach(entry -> writeDescriptor(manifests.addObject(), entry));
        try {
            return JSON.writeValueAsBytes(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of strings and numbers can always be written", e);
        }
    }

    private static void writeDescriptor(ObjectNode node, Descriptor entry) {
        node.put("mediaType", entry.mediaType().value());
        entry.artifactType().ifPresent(type -> node.put("artifactType", type));
        node.put("digest", entry.digest().value());
        node.put("size", entry.size());
        if (!entry.annotations().isEmpty()) {
            ObjectNode annotations = node.putObject("annotations");
            entry.annotations().forEach(annotations::put);
        }
        entry.platform().ifPresent(platform -> {
            ObjectNode stated = node.putObject("platform");
            stated.put("architecture", platform.architecture());
            stated.put("os", platform.os());
            if (!platform.variant().isEmpty()) {
                stated.put("variant", platform.variant());
            }
        });
    }
}
