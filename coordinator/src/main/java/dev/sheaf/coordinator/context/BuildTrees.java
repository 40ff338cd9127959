package dev.sheaf.coordinator.context;

import dev.sheaf.image.Digest;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Which blobs belong to a build: its tree, and what the tree names. A tree is read once, when its files are asked for. */
final class BuildTrees {
    private final BlobStore store;
    private final Map<String, Tree> builds = new ConcurrentHashMap<>();

    BuildTrees(BlobStore store) {
        this.store = store;
    }

    /** Idempotent. */
    void begin(String build, BlobKey tree) {
        builds.putIfAbsent(build, new Tree(tree));
    }

    void end(String build) {
        builds.remove(build);
    }

    /** Removes from these what open builds may still need: their trees, and what those name. */
    void spare(Set<BlobKey> idle) throws IOException {
        for (BlobKey tree :
                Set.copyOf(builds.values().stream().map(open -> open.blob).toList())) {
            idle.remove(tree);
            Optional<BlobReader> found = store.read(tree);
            if (found.isPresent()) {
                try (BlobReader reader = found.get()) {
                    TreeDigests.walk(reader, digest -> idle.remove(new BlobKey(tree.team(), digest)));
                }
            }
        }
    }

    /** Whether a blob is of this build. A tree that the store lacks names nothing: it is fetched before its files. */
    boolean isOf(String build, Digest digest) throws IOException {
        Tree tree = builds.get(build);
        return tree != null && (tree.blob.digest().equals(digest) || tree.names(store, digest));
    }

    private static final class Tree {
        private final BlobKey blob;
        private Optional<TreeDigests> named = Optional.empty();

        Tree(BlobKey blob) {
            this.blob = blob;
        }

        synchronized boolean names(BlobStore store, Digest wanted) throws IOException {
            if (named.isEmpty()) {
                Optional<BlobReader> found = store.read(blob);
                if (found.isEmpty()) {
                    return false;
                }
                try (BlobReader reader = found.get()) {
                    named = Optional.of(TreeDigests.read(reader));
                }
            }
            return named.get().contains(wanted);
        }
    }
}
