package dev.sheaf.image;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Points at content: what it is, its digest and its size in bytes; in an index also for which platform, and notes about
 * it.
 */
public record Descriptor(
        MediaType mediaType,
        Digest digest,
        long size,
        Optional<Platform> platform,
        Optional<String> artifactType,
        Map<String, String> annotations) {

    /** On an attestation manifest: the digest of the manifest that it is about. */
    public static final String REFERENCE_DIGEST = "vnd.docker.reference.digest";

    /** On an attestation manifest: {@link #ATTESTATION}. */
    public static final String REFERENCE_TYPE = "vnd.docker.reference.type";

    /** The value of {@link #REFERENCE_TYPE} that makes a manifest an attestation. */
    public static final String ATTESTATION = "attestation-manifest";

    /** Refuses a negative size; keeps annotations sorted, so that equal descriptors are written equally. */
    public Descriptor {
        if (size < 0) {
            throw new IllegalArgumentException("the size of " + digest + " is " + size + ", and cannot be negative");
        }
        annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
    }

    /** A descriptor that states no more than what every descriptor must. */
    public static Descriptor of(MediaType mediaType, Digest digest, long size) {
        return new Descriptor(mediaType, digest, size, Optional.empty(), Optional.empty(), Map.of());
    }

    /** What describes exactly these bytes. */
    public static Descriptor of(MediaType mediaType, byte[] content) {
        return of(mediaType, Digest.of(content), content.length);
    }

    /** The same content, stated to be for this platform. */
    public Descriptor withPlatform(Platform stated) {
        return new Descriptor(mediaType, digest, size, Optional.of(stated), artifactType, annotations);
    }

    /** The same content with these annotations instead. */
    public Descriptor withAnnotations(Map<String, String> stated) {
        return new Descriptor(mediaType, digest, size, platform, artifactType, stated);
    }

    /** Whether both point at the same content, whatever else they state. */
    public boolean isSameContent(Descriptor other) {
        return mediaType.equals(other.mediaType) && digest.equals(other.digest) && size == other.size;
    }

    /** Whether it is an attestation about another manifest of the same index. */
    public boolean isAttestation() {
        return ATTESTATION.equals(annotations.get(REFERENCE_TYPE));
    }
}
