package dev.sheaf.coordinator.context;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sheaf.image.Digest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What agents wait for, build by build: an agent's fetch wants blobs, the build's submitter is told their names and
 * sends them, unless its team has brought them before. What only another team has is wanted of it all the same. However many agents want a blob, its submitter hears of it once, and again only after a lost connection.
 *
 * <p>All state is behind one lock. Wants of a build end when the blob is stored, when the submitter says that it cannot
 * give it, or when the build ends.
 */
public final class WantedBlobs {
    /** Names in one answer to the submitter. */
    public static final int NAMES_AT_ONCE = 1000;

    private final BlobStore store;
    private final BuildTrees trees;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock") private final Map<String, BuildWants> builds = new HashMap<>();

    /** Wants of the builds whose blobs live in this store. */
    public WantedBlobs(BlobStore store) {
        this.store = store;
        this.trees = new BuildTrees(store);
        store.onStored(this::stored);
        store.sparing(trees::spare);
    }

    /** A team's build was accepted: the blobs of its tree may be wanted from now on. Empty: it has none. Idempotent. */
    public void begin(String build, String team, Optional<Digest> tree) {
        tree.ifPresent(digest -> trees.begin(build, new BlobKey(team, digest)));
        lock.lock();
        try {
            builds.putIfAbsent(build, new BuildWants(team, store.of(team)));
        } finally {
            lock.unlock();
        }
    }

    /** A build has ended: whoever waits for its blobs is let go, and its submitter too. Idempotent. */
    public void end(String build) {
        trees.end(build);
        lock.lock();
        try {
            builds.remove(build);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether a blob is the build's tree or named by it, so that the build's agents may have it. */
    public boolean isOf(String build, Digest digest) throws IOException {
        return trees.isOf(build, digest);
    }

    /** Asks the build's submitter for those of these blobs that the store lacks. Does not wait. */
    public void want(String build, Collection<Digest> digests) {
        lock.lock();
        try {
            BuildWants wants = builds.get(build);
            if (wants != null) {
                // The store is asked under our lock, so that a blob stored right now is not wanted for ever.
                // What failed on our side may go better now.
                wants.blobs
                        .missing(digests)
                        .forEach(digest -> wants.open.merge(
                                digest, new Want(), (former, fresh) -> former.failure == null ? former : fresh));
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a blob, asking the submitter for it if need be. False: not yet, ask again.
     *
     * @throws MissingBlobException the submitter cannot give it, or the build has ended
     * @throws IOException the store could not take it
     */
    public boolean await(String build, Digest digest, Duration most)
            throws MissingBlobException, IOException, InterruptedException {
        long left = most.toNanos();
        lock.lockInterruptibly();
        try {
            while (!open(build).blobs.holds(digest)) {
                BuildWants wants = open(build);
                Want want = wants.open.computeIfAbsent(digest, _ -> {
                    changed.signalAll();
                    return new Want();
                });
                if (want.refusal != null) {
                    throw new MissingBlobException(want.refusal);
                }
                if (want.failure != null) {
                    throw want.failure;
                }
                if (left <= 0) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Opens a blob of the build's team to read. Empty: it is not here. The caller closes it.
     *
     * @throws MissingBlobException the build has ended
     */
    public Optional<BlobReader> read(String build, Digest digest) throws MissingBlobException, IOException {
        TeamBlobs blobs;
        lock.lock();
        try {
            blobs = open(build).blobs;
        } finally {
            lock.unlock();
        }
        return blobs.read(digest);
    }

    @GuardedBy("lock") private BuildWants open(String build) throws MissingBlobException {
        BuildWants wants = builds.get(build);
        if (wants == null) {
            throw new MissingBlobException("build " + build + " has ended; its context is no longer supplied");
        }
        return wants;
    }

    /** Whether the build's submitter is connected. */
    public boolean isSupplied(String build) {
        lock.lock();
        try {
            BuildWants wants = builds.get(build);
            return wants != null && wants.supplier != null;
        } finally {
            lock.unlock();
        }
    }

    /** The submitter has connected: it hears of every open want of its build, and takes the place of an earlier one. */
    public Supplier supplier(String build) {
        lock.lock();
        try {
            Supplier supplier = new Supplier(build);
            BuildWants wants = builds.get(build);
            if (wants != null) {
                wants.supplier = supplier;
                wants.open.values().forEach(want -> want.named = false);
                changed.signalAll();
            }
            return supplier;
        } finally {
            lock.unlock();
        }
    }

    private void stored(BlobKey blob) {
        lock.lock();
        try {
            builds.values().stream()
                    .filter(wants -> wants.team.equals(blob.team()))
                    .forEach(wants -> wants.open.remove(blob.digest()));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The wants of one build, in the order in which they came. */
    private static final class BuildWants {
        final String team;
        final TeamBlobs blobs;
        final Map<Digest, Want> open = new LinkedHashMap<>();

        @Nullable Supplier supplier;

        BuildWants(String team, TeamBlobs blobs) {
            this.team = team;
            this.blobs = blobs;
        }
    }

    private static final class Want {
        /** The submitter was told of it. */
        boolean named;

        /** Why the submitter cannot give it; null: it has not said so. */
        @Nullable String refusal;

        /** Why the store could not take it; null: it was not tried, or did. */
        @Nullable IOException failure;
    }

    /** One connection of a build's submitter. */
    public final class Supplier implements AutoCloseable {
        private final String build;

        private Supplier(String build) {
            this.build = build;
        }

        /**
         * Waits for wants that the submitter was not told of, at most {@link #NAMES_AT_ONCE}. An empty list: none yet,
         * ask again. Empty: it is over, as the build has ended or the submitter has connected anew.
         */
        public Optional<List<Digest>> next(Duration most) throws InterruptedException {
            long left = most.toNanos();
            lock.lockInterruptibly();
            try {
                while (true) {
                    BuildWants wants = builds.get(build);
                    if (wants == null || wants.supplier != this) {
                        return Optional.empty();
                    }
                    List<Digest> names = unnamed(wants);
                    if (!names.isEmpty() || left <= 0) {
                        return Optional.of(names);
                    }
                    left = changed.awaitNanos(left);
                }
            } finally {
                lock.unlock();
            }
        }

        /** The submitter cannot give a blob: whoever waits for it hears why. */
        public void refuse(Digest digest, String reason) {
            settle(digest, want -> want.refusal = reason);
        }

        /** The store could not take a blob that the submitter sent: whoever waits for it hears why. */
        public void fail(Digest digest, IOException failure) {
            settle(digest, want -> want.failure = failure);
        }

        private void settle(Digest digest, Consumer<Want> settlement) {
            lock.lock();
            try {
                BuildWants wants = builds.get(build);
                Want want = wants == null ? null : wants.open.get(digest);
                if (want != null) {
                    settlement.accept(want);
                    changed.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }

        /** The connection is gone. */
        @Override
        public void close() {
            lock.lock();
            try {
                BuildWants wants = builds.get(build);
                if (wants != null && wants.supplier == this) {
                    wants.supplier = null;
                }
            } finally {
                lock.unlock();
            }
        }

        @GuardedBy("lock") private List<Digest> unnamed(BuildWants wants) {
            List<Digest> names = new ArrayList<>();
            for (Map.Entry<Digest, Want> open : wants.open.entrySet()) {
                Want want = open.getValue();
                if (names.size() == NAMES_AT_ONCE) {
                    break;
                }
                if (!want.named && want.refusal == null && want.failure == null) {
                    want.named = true;
                    names.add(open.getKey());
                }
            }
            return names;
        }
    }
}
