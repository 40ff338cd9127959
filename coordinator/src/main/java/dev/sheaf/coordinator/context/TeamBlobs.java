package dev.sheaf.coordinator.context;

import dev.sheaf.image.Digest;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/** The blobs that one team brought; of no other team's does it know anything. */
public final class TeamBlobs {
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

    private BlobKey key(Digest digest) {
        return new BlobKey(team, digest);
    }
}
