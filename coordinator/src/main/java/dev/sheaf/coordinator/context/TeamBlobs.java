package dev.sheaf.coordinator.context;

import dev.sheaf.image.Digest;
import dev.sheaf.v1.ContextTree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/** The blobs that one team brought; of no other team's does it know anything. */
public final class TeamBlobs {
    /** Nobody writes a larger one. */
    private static final int MAX_DOCKERFILE_BYTES = 4 * 1024 * 1024;

    private static final String DOCKERFILE = "Dockerfile";

    private final BlobStore store;
    private final String team;

    TeamBlobs(BlobStore store, String team) {
        this.store = store;
        this.team = team;
    }

    /** The blobs of these that the team has not brought, in the order asked, each once. Names all others. */
    public List<Digest> missing(Collection<Digest> wanted) {
        return new LinkedHashSet<>(wanted)
                .stream().filter(digest -> !holds(digest)).toList();
    }

    /** Whether the team brought this blob, and it is still here. Names it. */
    public boolean holds(Digest digest) {
        return store.holds(key(digest));
    }

    /** Starts to write a blob. The caller closes it, committed or not. */
    public BlobWriter write(Digest digest) throws IOException {
        return store.write(key(digest));
    }

    /** Opens a blob to read. Empty: it is not here. The caller closes it; until then it cannot be evicted. */
    public Optional<BlobReader> read(Digest digest) throws IOException {
        return store.read(key(digest));
    }

    /**
     * The text of a tree's Dockerfile, if the farm holds it: engines ask for it first, so that it does after a build.
     *
     * @param name empty: Dockerfile
     */
    public Optional<String> dockerfile(Digest tree, String name) throws IOException {
        Optional<Digest> digest = find(tree, name.isEmpty() ? DOCKERFILE : name);
        return digest.isEmpty() ? Optional.empty() : text(digest.get());
    }

    private Optional<Digest> find(Digest tree, String name) throws IOException {
        Optional<BlobReader> blob = read(tree);
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

    private Optional<String> text(Digest digest) throws IOException {
        Optional<BlobReader> blob = read(digest);
        if (blob.isEmpty()) {
            return Optional.empty();
        }
        try (BlobReader reader = blob.get()) {
            if (reader.size() > MAX_DOCKERFILE_BYTES) {
                return Optional.empty();
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) reader.size());
            while (reader.position() < reader.size()) {
                bytes.writeBytes(reader.next(MAX_DOCKERFILE_BYTES));
            }
            return Optional.of(bytes.toString(StandardCharsets.UTF_8));
        }
    }

    private BlobKey key(Digest digest) {
        return new BlobKey(team, digest);
    }
}
