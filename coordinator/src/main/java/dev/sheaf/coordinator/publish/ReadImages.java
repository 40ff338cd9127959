package dev.sheaf.coordinator.publish;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sheaf.coordinator.publish.Targets.Target;
import dev.sheaf.image.Digest;
import dev.sheaf.image.check.ImageDocuments;
import dev.sheaf.image.registry.ManifestContent;
import dev.sheaf.image.registry.RegistryException;

/**
 * Manifests and configs as registries showed them lately, so that those who look at an image after it was verified need
 * not ask again: under one digest they can only be the same. Whoever must know that a registry holds an image reads it
 * there, and never asks here.
 */
public final class ReadImages {
    /** Of JSON; a manifest and its config together have a few KiB. */
    private static final long MAX_BYTES = 8L * 1024 * 1024;

    private record Sized(ImageDocuments image, long bytes) {}

    private final Cache<Digest, Sized> lately;

    public ReadImages() {
        this(MAX_BYTES);
    }

    ReadImages(long maxBytes) {
        this.lately = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .executor(Runnable::run) // to forget is quick, and the limit then holds at any time
                .weigher((Digest _, Sized sized) -> Math.toIntExact(sized.bytes())) // both are at most 8 MiB
                .build();
    }

    /** The image of this manifest: remembered, or else read. */
    public ImageDocuments get(Target target, Digest manifest) throws RegistryException, InterruptedException {
        Sized known = lately.getIfPresent(manifest);
        return known != null ? known.image() : read(target, target.get(manifest));
    }

    /** Reads the config that goes with this manifest, whatever is remembered. */
    ImageDocuments read(Target target, ManifestContent manifest) throws RegistryException, InterruptedException {
        ImageDocuments image = ImageDocuments.read(target.registry(), target.repository(), manifest);
        long bytes = manifest.descriptor().size() + image.manifest().config().size();
        lately.put(manifest.digest(), new Sized(image, bytes));
        return image;
    }
}
