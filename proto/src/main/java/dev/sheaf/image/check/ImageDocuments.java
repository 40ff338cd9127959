package dev.sheaf.image.check;

import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageConfig;
import dev.sheaf.image.ImageFormatException;
import dev.sheaf.image.ImageManifest;
import dev.sheaf.image.registry.ManifestContent;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RegistryException;

/**
 * What is known of an image before any of its layers is read.
 *
 * @param digest of the manifest
 */
public record ImageDocuments(Digest digest, ImageManifest manifest, ImageConfig config) {
    /**
     * Reads the config that goes with a manifest.
     *
     * @throws ImageFormatException if manifest or config are none
     */
    public static ImageDocuments read(Registry registry, String repository, ManifestContent content)
            throws RegistryException, InterruptedException {
        ImageManifest manifest = ImageManifest.parse(content.bytes());
        return new ImageDocuments(content.digest(), manifest, registry.config(repository, manifest.config()));
    }
}
