package dev.sheaf.testregistry;

import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.MediaType;
import dev.sheaf.image.Platform;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RegistryException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Pushes small images by digest, as an engine would, or as one would that lies. */
public final class TestImages {
    private final Registry registry;
    private final String repository;

    /** Into this repository. */
    public TestImages(Registry registry, String repository) {
        this.registry = registry;
        this.repository = repository;
    }

    /** The manifest of an image whose config states this platform; another seed is another image. */
    public Descriptor image(Platform platform, String seed) throws RegistryException, InterruptedException {
        String variant = platform.variant().isEmpty() ? "" : ",\"variant\":\"" + platform.variant() + "\"";
        Digest layer = Digest.of(layer(seed));
        String config = "{\"os\":\"" + platform.os() + "\",\"architecture\":\"" + platform.architecture() + "\""
                + variant + ",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + layer + "\"]}}";
        return manifest(config, MediaType.OCI_CONFIG, seed);
    }

    /** An image of these layers, whose config runs what this JSON object ({@code config}) says. */
    public Descriptor image(Platform platform, String run, byte[]... layers)
            throws RegistryException, InterruptedException {
        List<String> list = new ArrayList<>();
        for (byte[] layer : layers) {
            list.add("{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"" + blob(layer)
                    + "\",\"size\":" + layer.length + "}");
        }
        return image(platform, run, "[" + String.join(",", list) + "]");
    }

    /** An image without layers, which BuildKit says with null. */
    public Descriptor withoutLayers(Platform platform, String run) throws RegistryException, InterruptedException {
        return image(platform, run, "null");
    }

    private Descriptor image(Platform platform, String run, String layers)
            throws RegistryException, InterruptedException {
        String config = "{\"os\":\"" + platform.os() + "\",\"architecture\":\"" + platform.architecture()
                + "\",\"variant\":\"" + platform.variant() + "\",\"config\":" + run + "}";
        return put(
                MediaType.OCI_MANIFEST,
                "{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST + "\",\"config\":{\"mediaType\":\""
                        + MediaType.OCI_CONFIG + "\",\"digest\":\"" + blob(config) + "\",\"size\":" + config.length()
                        + "},\"layers\":" + layers + "}");
    }

    /** An attestation about an image, as an index would name it. */
    public Descriptor attestation(Descriptor image, String seed) throws RegistryException, InterruptedException {
        return about(image, manifest("{}", MediaType.OCI_CONFIG, "attestation " + seed));
    }

    /** The same with this statement of how the image was built. */
    public Descriptor provenance(Descriptor image, String statement) throws RegistryException, InterruptedException {
        String layer = "{\"mediaType\":\"application/vnd.in-toto+json\",\"digest\":\"" + blob(statement)
                + "\",\"size\":" + bytes(statement).length
                + ",\"annotations\":{\"in-toto.io/predicate-type\":\"https://slsa.dev/provenance/v0.2\"}}";
        return about(
                image,
                put(
                        MediaType.OCI_MANIFEST,
                        "{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST
                                + "\",\"config\":{\"mediaType\":\"" + MediaType.OCI_CONFIG + "\",\"digest\":\""
                                + blob("{}") + "\",\"size\":2},\"layers\":[" + layer + "]}"));
    }

    private static Descriptor about(Descriptor image, Descriptor attestation) {
        return attestation
                .withPlatform(Platform.UNKNOWN)
                .withAnnotations(java.util.Map.of(
                        Descriptor.REFERENCE_TYPE,
                        Descriptor.ATTESTATION,
                        Descriptor.REFERENCE_DIGEST,
                        image.digest().value()));
    }

    /** An index of entries, which may state what they like. */
    public Descriptor index(Descriptor... entries) throws RegistryException, InterruptedException {
        String manifests = List.of(entries).stream().map(TestImages::json).collect(Collectors.joining(","));
        return put(
                MediaType.OCI_INDEX,
                "{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_INDEX + "\",\"manifests\":[" + manifests
                        + "]}");
    }

    private Descriptor manifest(String config, MediaType configType, String seed)
            throws RegistryException, InterruptedException {
        byte[] tar = layer(seed);
        Digest layer = blob(tar);
        return put(
                MediaType.OCI_MANIFEST,
                "{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST + "\",\"config\":{\"mediaType\":\""
                        + configType + "\",\"digest\":\"" + blob(config) + "\",\"size\":" + config.length()
                        + "},\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\""
                        + layer + "\",\"size\":" + tar.length + "}]}");
    }

    private static byte[] layer(String seed) {
        return new LayerBytes().text("seed", seed).tar();
    }

    private Descriptor put(MediaType type, String json) throws RegistryException, InterruptedException {
        byte[] bytes = bytes(json);
        return registry.put(repository, Digest.of(bytes).value(), type, bytes);
    }

    private Digest blob(String content) throws RegistryException, InterruptedException {
        return blob(bytes(content));
    }

    private Digest blob(byte[] bytes) throws RegistryException, InterruptedException {
        Digest digest = Digest.of(bytes);
        registry.upload(repository, digest, bytes.length, () -> new ByteArrayInputStream(bytes));
        return digest;
    }

    private static String json(Descriptor entry) {
        String platform = entry.platform()
                .map(stated -> ",\"platform\":{\"os\":\"" + stated.os() + "\",\"architecture\":\""
                        + stated.architecture() + "\"}")
                .orElse("");
        String annotations = entry.annotations().entrySet().stream()
                .map(note -> "\"" + note.getKey() + "\":\"" + note.getValue() + "\"")
                .collect(Collectors.joining(","));
        return "{\"mediaType\":\"" + entry.mediaType() + "\",\"digest\":\"" + entry.digest() + "\",\"size\":"
                + entry.size() + platform + (annotations.isEmpty() ? "" : ",\"annotations\":{" + annotations + "}")
                + "}";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
