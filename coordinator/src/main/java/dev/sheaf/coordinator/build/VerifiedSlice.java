package dev.sheaf.coordinator.build;

import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import java.util.List;

/**
 * What a registry holds for a slice, read back and checked.
 *
 * @param pushed what the agent pushed: a manifest, or an index of a manifest and its attestations
 * @param config digest of the image's config
 * @param manifests what the stitched index names for this slice, in order: the image manifest (with its platform) first,
 *     then its attestations
 */
public record VerifiedSlice(Descriptor pushed, Digest config, List<Descriptor> manifests) {
    public VerifiedSlice {
        manifests = List.copyOf(manifests);
        if (manifests.isEmpty()) {
            throw new IllegalArgumentException("a verified slice has at least its image manifest, found none");
        }
    }
}
