package dev.sheaf.cli.image;

import dev.sheaf.image.Descriptor;
import dev.sheaf.image.ImageConfig;
import dev.sheaf.image.ImageFormatException;
import dev.sheaf.image.ImageIndex;
import dev.sheaf.image.ImageManifest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.MediaType;
import dev.sheaf.image.Platform;
import dev.sheaf.image.check.ImageDocuments;
import dev.sheaf.image.registry.ManifestContent;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RegistryException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a reference names in a registry, read whole but for its layers: an index with its manifests and configs, or one
 * manifest.
 *
 * @param reference as it was asked for
 * @param top what the reference names, byte for byte
 * @param index empty: it names one manifest
 * @param parts the entries of the index in their order, or the one manifest
 */
public record RegistryImage(
        ImageReference reference, ManifestContent top, Optional<ImageIndex> index, List<Part> parts) {
    /** Requests at a time: registries answer few of one caller's any faster. */
    private static final int AT_A_TIME = 6;

    /** On a layer of an attestation: what kind of statement it holds. */
    private static final String PREDICATE = "in-toto.io/predicate-type";

    /** What a part is. */
    public enum Kind {
        IMAGE,
        ATTESTATION,
        /** An index within the index, or something that does not run. */
        OTHER
    }

    /**
     * One manifest.
     *
     * @param stated what the index says of it; of a single manifest, what its bytes say
     * @param manifest empty: the registry does not have it, or it is none
     * @param config of an image that the registry has
     */
    public record Part(Kind kind, Descriptor stated, Optional<ImageManifest> manifest, Optional<ImageConfig> config) {
        /** Whether the index names it and the registry does not have it. */
        public boolean isMissing() {
            return manifest.isEmpty() && stated.mediaType().isManifest();
        }

        /** For whoever looks at its layers. Empty: it is no image, or the registry does not have it. */
        public Optional<ImageDocuments> documents() {
            return manifest.flatMap(known -> config.map(read -> new ImageDocuments(stated.digest(), known, read)));
        }

        /** What it runs on: what its config says, or else the index. Empty: neither says. */
        public Optional<Platform> platform() {
            return config.flatMap(own -> own.effective(stated.platform())).or(stated::platform);
        }

        /** What its config says, if the index says something else. */
        public Optional<Platform> contradiction() {
            return config.flatMap(own -> own.effective(stated.platform()))
                    .filter(own -> stated.platform()
                            .filter(index -> !index.equals(own))
                            .isPresent());
        }

        /** Of an attestation: what its statements are, such as {@code https://slsa.dev/provenance/v0.2}. */
        public List<String> predicates() {
            return manifest.map(ImageManifest::layers).orElse(List.of()).stream()
                    .flatMap(layer -> Stream.ofNullable(layer.annotations().get(PREDICATE)))
                    .distinct()
                    .toList();
        }

        /** Of an attestation: the digest of the manifest that it is about, as it is written; empty: not said. */
        public String about() {
            return stated.annotations().getOrDefault(Descriptor.REFERENCE_DIGEST, "");
        }
    }

    /** Reads it. What an index names and the registry does not have is a part without a manifest. */
    public static RegistryImage read(Registry registry, ImageReference reference)
            throws RegistryException, InterruptedException {
        String repository = reference.repository();
        ManifestContent top = registry.get(repository, reference.target());
        if (top.mediaType().isManifest()) {
            return new RegistryImage(
                    reference, top, Optional.empty(), List.of(part(registry, repository, top.descriptor(), top)));
        }
        if (!top.mediaType().isIndex()) {
            throw new ImageFormatException(reference + " is neither an image nor an index but " + top.mediaType());
        }
        ImageIndex index = ImageIndex.parse(top.bytes());
        List<Part> parts = SideBySide.map(index.entries(), AT_A_TIME, entry -> part(registry, repository, entry));
        return new RegistryImage(reference, top, Optional.of(index), parts);
    }

    private static Part part(Registry registry, String repository, Descriptor stated)
            throws RegistryException, InterruptedException {
        if (!stated.mediaType().isManifest()) {
            return new Part(Kind.OTHER, stated, Optional.empty(), Optional.empty());
        }
        try {
            return part(
                    registry,
                    repository,
                    stated,
                    registry.get(repository, stated.digest().value()));
        } catch (RegistryException.NotFound _) {
            return new Part(kind(stated), stated, Optional.empty(), Optional.empty());
        }
    }

    private static Part part(Registry registry, String repository, Descriptor stated, ManifestContent content)
            throws RegistryException, InterruptedException {
        ImageManifest manifest = ImageManifest.parse(content.bytes());
        Kind kind =
                manifest.isImage() ? kind(stated) : kind(stated) == Kind.ATTESTATION ? Kind.ATTESTATION : Kind.OTHER;
        Optional<ImageConfig> config =
                kind == Kind.IMAGE ? Optional.of(registry.config(repository, manifest.config())) : Optional.empty();
        return new Part(kind, stated, Optional.of(manifest), config);
    }

    private static Kind kind(Descriptor stated) {
        if (stated.isAttestation()) {
            return Kind.ATTESTATION;
        }
        return stated.platform().filter(Platform::isUnknown).isPresent() ? Kind.OTHER : Kind.IMAGE;
    }

    /** The images, in their order. */
    public List<Part> images() {
        return of(Kind.IMAGE);
    }

    /** The parts of one kind, in their order. */
    public List<Part> of(Kind kind) {
        return parts.stream().filter(part -> part.kind() == kind).toList();
    }

    /** Notes about the whole: the index's own, or the manifest's. */
    public Map<String, String> annotations() {
        return index.map(ImageIndex::annotations)
                .orElseGet(() -> parts.getFirst()
                        .manifest()
                        .map(ImageManifest::annotations)
                        .orElse(Map.of()));
    }

    /** What the whole is. */
    public MediaType mediaType() {
        return top.mediaType();
    }
}
