package dev.sheaf.image.registry;

import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.MediaType;

/** A manifest or index as the registry holds it, byte for byte. */
public final class ManifestContent {
    private final Descriptor descriptor;
    private final byte[] bytes;

    /** The media type that the registry stated, and the bytes that it sent. */
    public ManifestContent(MediaType mediaType, byte[] bytes) {
        this.descriptor = Descriptor.of(mediaType, bytes);
        this.bytes = bytes.clone();
    }

    /** What the registry said that the bytes are. */
    public MediaType mediaType() {
        return descriptor.mediaType();
    }

    /** The digest, computed here. */
    public Digest digest() {
        return descriptor.digest();
    }

    /** Media type, digest and size. */
    public Descriptor descriptor() {
        return descriptor;
    }

    /** The bytes that the digest is about. */
    public byte[] bytes() {
        return bytes.clone();
    }
}
