package dev.sheaf.image;

import java.util.List;

/** What one slice pushed by digest: the manifest of one image, or a small index of it and its attestations. */
public sealed interface SlicePush {
    /** What the pushed digest names. */
    Descriptor top();

    /** One manifest, without attestations. */
    record Manifest(Descriptor top) implements SlicePush {
        /** Refuses what is no manifest. */
        public Manifest {
            if (!top.mediaType().isManifest()) {
                throw new ImageFormatException(top.digest() + " is no manifest but " + top.mediaType());
            }
        }
    }

    /** An index that holds one image manifest and the attestations about it. */
    record Index(Descriptor top, ImageIndex index) implements SlicePush {
        /** Refuses an index that is not what the descriptor names. */
        public Index {
            if (!top.isSameContent(index.descriptor())) {
                throw new ImageFormatException("the index " + index.descriptor().digest() + " is not the pushed "
                        + top.digest() + " of " + top.size() + " bytes");
            }
        }
    }

    /** One image of a larger index, and the attestations about it there. */
    record Part(Descriptor top, List<Descriptor> attestations) implements SlicePush {
        /** Refuses what is no manifest. */
        public Part {
            if (!top.mediaType().isManifest()) {
                throw new ImageFormatException(top.digest() + " is no manifest but " + top.mediaType());
            }
            attestations = List.copyOf(attestations);
        }
    }
}
