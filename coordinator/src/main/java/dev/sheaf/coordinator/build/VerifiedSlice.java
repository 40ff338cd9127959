package dev.sheaf.coordinator.build;

import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.arch.Policy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a registry holds for a slice, read back and checked.
 *
 * @param pushed what the agent pushed: a manifest, or an index of a manifest and its attestations
 * @param config digest of the image's config
 * @param manifests what the stitched index names for this slice, in order: the image manifest (with its platform) first,
 *     then its attestations
 * @param check what its content was found to be; empty: that was not checked
 */
public record VerifiedSlice(
        Descriptor pushed, Digest config, List<Descriptor> manifests, Optional<ContentReport> check) {
    /**
     * What the check of a slice's content found and cost.
     *
     * @param notes one line each, at most {@link #MAX_NOTES}: worth knowing, and no reason to stop
     * @param bytesRead compressed, as they came from the registry
     * @param layersRemembered layers that were read for an earlier image
     */
    public record ContentReport(
            Policy.Mode mode, List<String> notes, long bytesRead, int layersRead, int layersRemembered, Duration took) {
        /** More are not kept. */
        public static final int MAX_NOTES = 100;

        public ContentReport {
            notes = List.copyOf(notes);
        }
    }

    /** Not checked yet. */
    public VerifiedSlice(Descriptor pushed, Digest config, List<Descriptor> manifests) {
        this(pushed, config, manifests, Optional.empty());
    }

    /** The same, after its content was checked. */
    public VerifiedSlice with(ContentReport report) {
        return new VerifiedSlice(pushed, config, manifests, Optional.of(report));
    }

    public VerifiedSlice {
        manifests = List.copyOf(manifests);
        if (manifests.isEmpty()) {
            throw new IllegalArgumentException("a verified slice has at least its image manifest, found none");
        }
    }
}
