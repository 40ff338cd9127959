package dev.sheaf.image;

import java.util.Locale;
import java.util.regex.Pattern;

/** What the bytes behind a descriptor are; without parameters, lower-case. */
public record MediaType(String value) implements Comparable<MediaType> {
    private static final Pattern FORM =
            Pattern.compile("[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}");

    /** An index of OCI: what Sheaf publishes. */
    public static final MediaType OCI_INDEX = new MediaType("application/vnd.oci.image.index.v1+json");

    /** A manifest of OCI. */
    public static final MediaType OCI_MANIFEST = new MediaType("application/vnd.oci.image.manifest.v1+json");

    /** A configuration of OCI. */
    public static final MediaType OCI_CONFIG = new MediaType("application/vnd.oci.image.config.v1+json");

    /** Docker's older form of an index. */
    public static final MediaType DOCKER_INDEX =
            new MediaType("application/vnd.docker.distribution.manifest.list.v2+json");

    /** Docker's older form of a manifest. */
    public static final MediaType DOCKER_MANIFEST =
            new MediaType("application/vnd.docker.distribution.manifest.v2+json");

    /** Docker's older form of a configuration. */
    public static final MediaType DOCKER_CONFIG = new MediaType("application/vnd.docker.container.image.v1+json");

    /** Drops parameters such as {@code ; charset=utf-8}; refuses what is no media type. */
    public MediaType {
        int semicolon = value.indexOf(';');
        String bare =
                (semicolon < 0 ? value : value.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
        if (!FORM.matcher(bare).matches()) {
            throw new IllegalArgumentException("\"" + value + "\" is not a media type");
        }
        value = bare;
    }

    /** Reads a media type as registries and manifests state it. */
    public static MediaType parse(String text) {
        return new MediaType(text);
    }

    /** Whether it is an index (manifest list), of OCI or of Docker. */
    public boolean isIndex() {
        return equals(OCI_INDEX) || equals(DOCKER_INDEX);
    }

    /** Whether it is the manifest of one image, of OCI or of Docker. */
    public boolean isManifest() {
        return equals(OCI_MANIFEST) || equals(DOCKER_MANIFEST);
    }

    @Override
    public int compareTo(MediaType other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
