package dev.sheaf.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The JSON form of an index, read strictly and written always in the same bytes. */
final class IndexJson {
    private static final String WHAT = "the index";

    private IndexJson() {}

    static ImageIndex read(byte[] bytes) {
        JsonNode root = DescriptorJson.object(WHAT, bytes);
        // One document that is both an index and a manifest means different things to different readers.
        for (String foreign : List.of("layers", "config", "fsLayers")) {
            if (root.has(foreign)) {
                throw new ImageFormatException("the index has \"" + foreign + "\", which belongs to a manifest");
            }
        }
        MediaType mediaType = mediaType(root);
        if (!mediaType.isIndex()) {
            throw new ImageFormatException("it is no index but " + mediaType);
        }
        JsonNode manifests = root.path("manifests");
        if (!manifests.isArray()) {
            throw new ImageFormatException("the index has no list \"manifests\"");
        }
        List<Descriptor> entries = new ArrayList<>(manifests.size());
        for (JsonNode entry : manifests) {
            entries.add(DescriptorJson.read("an entry of the index", entry));
        }
        return new ImageIndex(mediaType, entries, DescriptorJson.annotations(WHAT, root), bytes);
    }

    private static MediaType mediaType(JsonNode root) {
        try {
            return DescriptorJson.optionalText(WHAT, root, "mediaType")
                    .map(MediaType::parse)
                    .orElse(MediaType.OCI_INDEX);
        } catch (ImageFormatException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new ImageFormatException("the index states a media type that is none", e);
        }
    }

    static byte[] write(List<Descriptor> entries) {
        return write(entries, Map.of());
    }

    static byte[] write(List<Descriptor> entries, Map<String, String> annotations) {
        ObjectNode root = DescriptorJson.JSON.createObjectNode();
        root.put("schemaVersion", 2);
        root.put("mediaType", MediaType.OCI_INDEX.value());
        ArrayNode manifests = root.putArray("manifests");
        entries.forEach(entry -> DescriptorJson.write(manifests.addObject(), entry));
        DescriptorJson.writeAnnotations(root, annotations);
        try {
            return DescriptorJson.JSON.writeValueAsBytes(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of strings and numbers can always be written", e);
        }
    }
}
