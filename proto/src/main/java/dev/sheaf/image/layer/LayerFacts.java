package dev.sheaf.image.layer;

import dev.sheaf.image.Digest;
import java.util.List;
import java.util.Optional;

/**
 * What a layer does to the programs of an image. Depends on nothing but the layer's bytes, so it is worth remembering.
 *
 * @param digest of the blob, compressed as the registry has it
 * @param bytes of the tar inside
 * @param entries of the tar
 * @param files that can be run, or lead to what can, one a path
 * @param plain all other files: they matter only because they hide what lower layers have there
 * @param shapeless executable files that are neither programs nor scripts with a {@code #!} line
 * @param directories that the layer has, those above its files included
 * @param whiteouts paths that the layer deletes
 * @param opaque directories of which the layer deletes what lower layers have in them
 * @param oddities what no engine writes into a layer, at most {@link #MAX_ODDITIES}
 */
public record LayerFacts(
        Digest digest,
        long bytes,
        long entries,
        List<FileFacts> files,
        PathSet plain,
        PathSet shapeless,
        PathSet directories,
        List<String> whiteouts,
        List<String> opaque,
        List<Oddity> oddities) {
    /** More of them say nothing new. */
    public static final int MAX_ODDITIES = 20;

    /** Something about one path that runtimes refuse or that surprises: one half of a sentence. */
    public record Oddity(String path, String what) {}

    /** Immutable. */
    public LayerFacts {
        files = List.copyOf(files);
        whiteouts = List.copyOf(whiteouts);
        opaque = List.copyOf(opaque);
        oddities = List.copyOf(oddities);
    }

    /** As bytes of JSON, for a store. */
    public byte[] toJson() {
        return LayerFactsJson.write(this);
    }

    /** What {@link #toJson} wrote; nothing if another version of Sheaf wrote it, or it is damaged. */
    public static Optional<LayerFacts> fromJson(byte[] json) {
        return LayerFactsJson.read(json);
    }
}
