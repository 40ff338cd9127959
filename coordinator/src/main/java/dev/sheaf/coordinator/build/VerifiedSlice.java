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
 * @param materials what it was built from; empty: everything was pinned when the build was submitted
 */
public record VerifiedSlice(
        Descriptor pushed,
        Digest config,
        List<Descriptor> manifests,
        Optional<ContentReport> check,
        Optional<Materials> materials) {
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

    /**
     * What a slice was built from besides files of the context, as its engine attests.
     *
     * @param all each once; empty if it is unknown
     * @param unknown why nobody knows, half a sentence; empty: it is known
     */
    public record Materials(List<Material> all, String unknown) {
        /** A slice with more of them is one of which nobody knows. */
        public static final int MAX = 500;

        public Materials {
            all = List.copyOf(all);
        }

        /** Nobody knows, for this reason. */
        public static Materials unknown(String why) {
            return new Materials(List.of(), why);
        }
    }

    /**
     * Something from elsewhere that a slice was built from.
     *
     * @param name an image reference in full, or an address without login and query
     * @param digest with its algorithm; of git the bare commit
     */
    public record Material(Kind kind, String name, String digest) {
        /** Where it came from. */
        public enum Kind {
            /** A registry. */
            IMAGE,
            /** A git repository. */
            GIT,
            /** A web server. */
            DOWNLOAD
        }
    }

    /** Not checked yet. */
    public VerifiedSlice(Descriptor pushed, Digest config, List<Descriptor> manifests) {
        this(pushed, config, manifests, Optional.empty(), Optional.empty());
    }

    /** The same, after its content was checked. */
    public VerifiedSlice with(ContentReport report) {
        return new VerifiedSlice(pushed, config, manifests, Optional.of(report), materials);
    }

    /** The same, and what it was built from. */
    public VerifiedSlice with(Materials found) {
        return new VerifiedSlice(pushed, config, manifests, check, Optional.of(found));
    }

    public VerifiedSlice {
        manifests = List.copyOf(manifests);
        if (manifests.isEmpty()) {
            throw new IllegalArgumentException("a verified slice has at least its image manifest, found none");
        }
    }
}
