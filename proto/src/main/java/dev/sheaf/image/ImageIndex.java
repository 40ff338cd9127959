package dev.sheaf.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** An image index (manifest list): its entries, and the very bytes that its digest is about. */
public final class ImageIndex {
    /** The largest index or manifest that registries must take: 4 MiB. */
    public static final int MAX_BYTES = 4 * 1024 * 1024;

    private static final String WHAT = "the index";

    private final MediaType mediaType;
    private final List<Descriptor> entries;
    private final Map<String, String> annotations;
    private final byte[] bytes;
    private final Descriptor descriptor;

    ImageIndex(MediaType mediaType, List<Descriptor> entries, Map<String, String> annotations, byte[] bytes) {
        this.mediaType = mediaType;
        this.entries = List.copyOf(entries);
        this.annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
        this.bytes = bytes.clone();
        this.descriptor = Descriptor.of(mediaType, bytes);
    }

    /** Reads an index strictly; throws {@link ImageFormatException} with one sentence. */
    public static ImageIndex parse(byte[] bytes) {
        JsonNode root = DescriptorJson.versioned(WHAT, bytes);
        // One document that is both an index and a manifest means different things to different readers.
        for (String foreign : List.of("layers", "config", "fsLayers")) {
            if (root.has(foreign)) {
                throw new ImageFormatException("the index has \"" + foreign + "\", which belongs to a manifest");
            }
        }
        MediaType mediaType = statedType(root);
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

    private static MediaType statedType(JsonNode root) {
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

    /**
     * One index of what the slices pushed: image manifests sorted by platform, then their attestations, unchanged. The
     * same input gives the same bytes. Throws {@link ImageFormatException} with one sentence.
     */
    public static ImageIndex assemble(Map<Platform, SlicePush> slices) {
        return assemble(slices, Map.of());
    }

    /** The same, with these annotations of the index itself. */
    public static ImageIndex assemble(Map<Platform, SlicePush> slices, Map<String, String> annotations) {
        return of(IndexAssembly.entries(slices), annotations);
    }

    /** The same, and refuses it unless exactly the requested platforms are there. */
    public static ImageIndex assemble(Set<Platform> requested, Map<Platform, SlicePush> slices) {
        if (!requested.equals(slices.keySet())) {
            throw new ImageFormatException("the index was asked for " + written(requested) + " but the slices are for "
                    + written(slices.keySet()));
        }
        return assemble(slices);
    }

    private static ImageIndex of(List<Descriptor> entries, Map<String, String> annotations) {
        byte[] written = json(entries, annotations);
        if (written.length > MAX_BYTES) {
            throw new ImageFormatException(
                    "the index would have " + written.length + " bytes, and registries take at most " + MAX_BYTES);
        }
        return new ImageIndex(MediaType.OCI_INDEX, entries, annotations, written);
    }

    /** Always the same bytes for the same entries. */
    static byte[] json(List<Descriptor> entries, Map<String, String> annotations) {
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

    private static String written(Set<Platform> platforms) {
        return platforms.isEmpty()
                ? "none"
                : platforms.stream().sorted().map(Platform::toString).collect(Collectors.joining(", "));
    }

    /** What the index says that it is. */
    public MediaType mediaType() {
        return mediaType;
    }

    /** All entries in their order, attestations too. */
    public List<Descriptor> entries() {
        return entries;
    }

    /** The entries that are images: neither attestations nor of an unknown platform. */
    public List<Descriptor> runnable() {
        return entries.stream().filter(IndexAssembly::isRunnable).toList();
    }

    /** Notes about the index as a whole. */
    public Map<String, String> annotations() {
        return annotations;
    }

    /** The bytes to push, or the bytes that were read. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** What names this index: media type, digest and size. */
    public Descriptor descriptor() {
        return descriptor;
    }

    /** The digest of the bytes. */
    public Digest digest() {
        return descriptor.digest();
    }
}
