package dev.sheaf.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What indexes, manifests and configs have in common: a strict JSON object; and descriptors in the first two. */
final class DescriptorJson {
    static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private DescriptorJson() {}

    /** The object that these bytes are. {@code what}: "the config". */
    static JsonNode object(String what, byte[] bytes, int maxBytes) {
        if (bytes.length > maxBytes) {
            throw new ImageFormatException(
                    what + " has " + bytes.length + " bytes, more than the " + maxBytes + " that are allowed");
        }
        JsonNode root = tree(what, bytes);
        if (!root.isObject()) {
            throw new ImageFormatException(what + " is not a JSON object");
        }
        return root;
    }

    /** The object that an index or a manifest is. {@code what}: "the index". */
    static JsonNode versioned(String what, byte[] bytes) {
        JsonNode root = object(what, bytes, ImageIndex.MAX_BYTES);
        if (!root.path("schemaVersion").isIntegralNumber()
                || root.path("schemaVersion").asInt() != 2) {
            throw new ImageFormatException(what + " does not state schemaVersion 2");
        }
        return root;
    }

    private static JsonNode tree(String what, byte[] bytes) {
        try {
            return JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new ImageFormatException(what + " is not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ImageFormatException(what + " is not valid JSON", e);
        }
    }

    /** {@code what}: "an entry of the index". */
    static Descriptor read(String what, JsonNode node) {
        if (!node.isObject()) {
            throw new ImageFormatException(what + " is not a JSON object");
        }
        JsonNode size = node.path("size");
        if (!size.isIntegralNumber() || !size.canConvertToLong() || size.asLong() < 0) {
            throw new ImageFormatException(what + " has no size");
        }
        try {
            return new Descriptor(
                    MediaType.parse(text(what, node, "mediaType")),
                    Digest.parse(text(what, node, "digest")),
                    size.asLong(),
                    platform(what, node.path("platform")),
                    optionalText(what, node, "artifactType"),
                    annotations(what, node));
        } catch (ImageFormatException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new ImageFormatException(what + " is wrong: " + e.getMessage(), e);
        }
    }

    private static Optional<Platform> platform(String what, JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return Optional.empty();
        }
        return Optional.of(Platform.of(
                text(what, node, "os"),
                text(what, node, "architecture"),
                optionalText(what, node, "variant").orElse("")));
    }

    /** The annotations of an object that may have some. */
    static Map<String, String> annotations(String what, JsonNode owner) {
        JsonNode node = owner.path("annotations");
        if (node.isMissingNode() || node.isNull()) {
            return Map.of();
        }
        if (!node.isObject()) {
            throw new ImageFormatException("the annotations of " + what + " are not a JSON object");
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

    private static String text(String what, JsonNode node, String field) {
        return optionalText(what, node, field)
                .orElseThrow(() -> new ImageFormatException(what + " has no \"" + field + "\""));
    }

    static Optional<String> optionalText(String what, JsonNode node, String field) {
        JsonNode value = node.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isTextual()) {
            throw new ImageFormatException("\"" + field + "\" of " + what + " is not a string");
        }
        return Optional.of(value.textValue());
    }

    /** Always the same fields in the same order. */
    static void write(ObjectNode node, Descriptor descriptor) {
        node.put("mediaType", descriptor.mediaType().value());
        descriptor.artifactType().ifPresent(type -> node.put("artifactType", type));
        node.put("digest", descriptor.digest().value());
        node.put("size", descriptor.size());
        writeAnnotations(node, descriptor.annotations());
        descriptor.platform().ifPresent(platform -> {
            ObjectNode stated = node.putObject("platform");
            stated.put("architecture", platform.architecture());
            stated.put("os", platform.os());
            if (!platform.variant().isEmpty()) {
                stated.put("variant", platform.variant());
            }
        });
    }

    static void writeAnnotations(ObjectNode owner, Map<String, String> annotations) {
        if (!annotations.isEmpty()) {
            ObjectNode written = owner.putObject("annotations");
            new TreeMap<>(annotations).forEach(written::put);
        }
    }
}
