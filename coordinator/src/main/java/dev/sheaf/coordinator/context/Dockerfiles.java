package dev.sheaf.coordinator.context;

import dev.sheaf.image.Digest;
import dev.sheaf.v1.ContextTree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The Dockerfiles of trees that the farm holds. */
public final class Dockerfiles {
    /** Nobody writes a larger one; in bytes. */
    private static final int MAX_BYTES = 4 * 1024 * 1024;

    private static final String DEFAULT = "Dockerfile";

    private final BlobStore store;

    public Dockerfiles(BlobStore store) {
        this.store = store;
    }

    /**
     * The text of a tree's Dockerfile, if the farm holds it: engines ask for it first, so that it does after a build.
     *
     * @param team whose tree it is
     * @param name empty: Dockerfile
     */
    public Optional<String> read(String team, Digest tree, String name) throws IOException {
        TeamBlobs blobs = store.of(team);
        Optional<Digest> digest = find(blobs, tree, name.isEmpty() ? DEFAULT : name);
        return digest.isEmpty() ? Optional.empty() : text(blobs, digest.get());
    }

    private static Optional<Digest> find(TeamBlobs blobs, Digest tree, String name) throws IOException {
        Optional<BlobReader> blob = blobs.read(tree);
        if (blob.isEmpty()) {
            return Optional.empty();
        }
        List<Digest> found = new ArrayList<>();
        try (BlobReader reader = blob.get()) {
            TreeDigests.walk(reader, (field, entry) -> {
                boolean isDockerfile = field == ContextTree.DOCKERFILE_ENTRIES_FIELD_NUMBER;
                if (isDockerfile
                        && entry.getPath().equals(name)
                        && !entry.getDigest().isEmpty()) {
                    found.add(TreeDigests.digest(entry));
                }
            });
        }
        return found.stream().findFirst();
    }

    private static Optional<String> text(TeamBlobs blobs, Digest digest) throws IOException {
        Optional<BlobReader> blob = blobs.read(digest);
        if (blob.isEmpty()) {
            return Optional.empty();
        }
        try (BlobReader reader = blob.get()) {
            if (reader.size() > MAX_BYTES) {
                return Optional.empty();
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) reader.size());
            while (reader.position() < reader.size()) {
                bytes.writeBytes(reader.next(MAX_BYTES));
            }
            return Optional.of(bytes.toString(StandardCharsets.UTF_8));
        }
    }
}
