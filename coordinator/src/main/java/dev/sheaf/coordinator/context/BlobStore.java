package dev.sheaf.coordinator.context;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sheaf.image.Digest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The blobs of each team by digest, in files under one directory.
 *
 * <p>Layout: {@code teams/<team>/sha256/<first two hex digits>/<64 hex digits>}, without {@code teams/<team>/} for what
 * came in clear text, and {@code incoming/} for what is still being written. A blob appears under its name by a rename, after its bytes were hashed while they were written, so a name
 * in {@code sha256/} is never half a blob. Nothing is forced to the disk: a power cut may damage what was written last.
 * That is why readers hash again, and drop a damaged blob; a context can always be asked of its submitter anew.
 *
 * <p>The quota covers blobs held and bytes being written. When it is reached, the blobs named longest ago go first;
 * a blob that is being read, that somebody named within {@link #KEEP}, or that its user spares, is never evicted.
 *
 * <p>All state is behind the monitor of this object; file contents are written and read without it.
 */
public final class BlobStore {
    /** How long a blob is safe from eviction after somebody named it. */
    public static final Duration KEEP = Duration.ofMinutes(10);

    /** A file's time is moved at most this often: the order of eviction after a restart needs no more. */
    private static final Duration TOUCH_INTERVAL = Duration.ofHours(1);

    private static final int HEX_DIGITS = 64;
    private static final String TEAMS = "teams";

    /** When room must be made, so much of the quota is made at once if it can be: to find out what is spared takes time. */
    private static final int SHARE_EVICTED = 20; // one part of so many

    private final Path directory;
    private final Path incoming;
    private final long quotaBytes;
    private final InstantSource clock;
    private final List<Consumer<BlobKey>> listeners = new CopyOnWriteArrayList<>();
    private final List<Spare> spares = new CopyOnWriteArrayList<>();

    /** In the order of naming: the one named longest ago first. */
    @GuardedBy("this") private final Map<BlobKey, Held> held = new LinkedHashMap<>(16, 0.75f, true);

    /** Bytes of blobs held and of blobs being written. */
    @GuardedBy("this") private long usedBytes;

    @GuardedBy("this") private long incomingCount;

    /** Who knows which blobs are needed, however long ago they were named. */
    @FunctionalInterface
    interface Spare {
        /** Removes what is needed from these, which would be evicted. May take its time, and read blobs. */
        void from(Set<BlobKey> idle) throws IOException;
    }

    private BlobStore(Path directory, long quotaBytes, InstantSource clock) {
        this.directory = directory;
        this.incoming = directory.resolve("incoming");
        this.quotaBytes = quotaBytes;
        this.clock = clock;
    }

    /** Opens the store in a directory, which is made if need be. What was being written when a process died is removed. */
    public static BlobStore open(Path directory, long quotaBytes, InstantSource clock) throws IOException {
        if (quotaBytes <= 0) {
            throw new IllegalArgumentException("context quota must be positive, is " + quotaBytes);
        }
        BlobStore store = new BlobStore(directory, quotaBytes, clock);
        Files.createDirectories(store.incoming);
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(store.incoming)) {
            for (Path leftover : leftovers) {
                Files.delete(leftover);
            }
        }
        store.load();
        return store;
    }

    /** Calls the listener after each blob that becomes available, on the thread that brought it. */
    void onStored(Consumer<BlobKey> listener) {
        listeners.add(listener);
    }

    /** Asks this before anything is evicted. */
    void sparing(Spare spare) {
        spares.add(spare);
    }

    /** What a team brought; the empty name: what came in clear text. */
    public TeamBlobs of(String team) {
        return new TeamBlobs(this, team);
    }

    /** Whether the store holds this blob. Names it. */
    synchronized boolean holds(BlobKey blob) {
        return touch(blob);
    }

    /** Starts to write a blob. The caller closes it, committed or not. */
    synchronized BlobWriter write(BlobKey blob) throws IOException {
        try {
            return BlobWriter.create(this, blob, incoming.resolve(blob.digest().hex() + "-" + incomingCount++));
        } catch (IOException e) {
            throw explain(e);
        }
    }

    /** Opens a blob to read. Empty: the store lacks it. The caller closes it; until then it cannot be evicted. */
    Optional<BlobReader> read(BlobKey blob) throws IOException {
        Held entry;
        synchronized (this) {
            if (!touch(blob)) {
                return Optional.empty();
            }
            entry = entry(blob);
            entry.readers++;
        }
        try {
            return Optional.of(BlobReader.open(this, blob, file(blob), entry.size));
        } catch (NoSuchFileException e) {
            // Somebody removed the file behind our back: the blob can be asked for again.
            released(blob);
            drop(blob);
            return Optional.empty();
        } catch (IOException e) {
            released(blob);
            throw e;
        }
    }

    /** Bytes held and being written. */
    public synchronized long usedBytes() {
        return usedBytes;
    }

    /** Makes room for bytes of a blob being written. */
    void reserve(long bytes) throws IOException {
        if (take(bytes)) {
            return;
        }
        Set<BlobKey> idle = idle();
        for (Spare spare : spares) {
            spare.from(idle); // outside of the monitor: it reads blobs
        }
        synchronized (this) {
            evict(Math.max(usedBytes + bytes - quotaBytes, quotaBytes / SHARE_EVICTED), idle);
            if (!take(bytes)) {
                throw new QuotaExceededException(quotaBytes);
            }
        }
    }

    /** False: there is no room. */
    private synchronized boolean take(long bytes) {
        if (usedBytes + bytes > quotaBytes) {
            return false;
        }
        usedBytes += bytes;
        return true;
    }

    /** Gives back what {@link #reserve} took. */
    synchronized void unreserve(long bytes) {
        usedBytes -= bytes;
    }

    /** Takes in a verified file. False: the blob was there already, and the file is gone. */
    boolean adopt(BlobKey blob, Path file, long size) throws IOException {
        boolean isNew;
        synchronized (this) {
            isNew = !touch(blob);
            if (isNew) {
                Path target = file(blob);
                try {
                    Files.createDirectories(target.resolveSibling(""));
                    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
                } catch (IOException e) {
                    throw explain(e);
                }
                held.put(blob, new Held(size, clock.instant()));
            } else {
                Files.deleteIfExists(file);
                usedBytes -= size;
            }
        }
        listeners.forEach(listener -> listener.accept(blob));
        return isNew;
    }

    IOException explain(IOException failure) {
        return DiskFullException.explain(failure, directory);
    }

    synchronized void released(BlobKey blob) {
        Held entry = held.get(blob);
        if (entry != null && entry.readers > 0) {
            entry.readers--;
        }
    }

    /** Forgets a blob whose file is damaged or gone. */
    synchronized void drop(BlobKey blob) throws IOException {
        Held entry = held.remove(blob);
        if (entry != null) {
            usedBytes -= entry.size;
            Files.deleteIfExists(file(blob));
        }
    }

    @GuardedBy("this") private Held entry(BlobKey blob) {
        Held entry = held.get(blob);
        if (entry == null) {
            throw new IllegalStateException("blob " + blob.digest() + " was just named and is not held");
        }
        return entry;
    }

    @GuardedBy("this") private boolean touch(BlobKey blob) {
        Held entry = held.get(blob);
        if (entry == null) {
            return false;
        }
        Instant now = clock.instant();
        if (entry.fileTime.plus(TOUCH_INTERVAL).isBefore(now)) {
            entry.fileTime = now;
            try {
                Files.setLastModifiedTime(file(blob), FileTime.from(now));
            } catch (IOException e) {
                // The file's time only orders evictions after a restart; a file that is gone is found when it is read.
                return true;
            }
        }
        entry.named = now;
        return true;
    }

    /** What may be evicted as far as this store knows: the one named longest ago first. */
    private synchronized Set<BlobKey> idle() {
        Instant evictable = clock.instant().minus(KEEP);
        Set<BlobKey> idle = new LinkedHashSet<>();
        for (Map.Entry<BlobKey, Held> candidate : held.entrySet()) {
            if (candidate.getValue().isIdle(evictable)) {
                idle.add(candidate.getKey());
            }
        }
        return idle;
    }

    /** Evicts some of these, unless they were named meanwhile. */
    @GuardedBy("this") private void evict(long bytes, Set<BlobKey> idle) throws IOException {
        Instant evictable = clock.instant().minus(KEEP);
        long freed = 0;
        for (BlobKey blob : idle) {
            if (freed >= bytes) {
                return;
            }
            Held entry = held.remove(blob);
            if (entry == null) {
                continue;
            }
            if (entry.isIdle(evictable)) {
                freed += entry.size;
                usedBytes -= entry.size;
                Files.deleteIfExists(file(blob));
            } else {
                held.put(blob, entry);
            }
        }
    }

    private synchronized void load() throws IOException {
        List<Found> found = new ArrayList<>();
        find("", found);
        for (Path team : list(directory.resolve(TEAMS))) {
            find(String.valueOf(team.getFileName()), found);
        }
        found.sort(Comparator.comparing(Found::time));
        for (Found blob : found) {
            held.put(blob.blob(), new Held(blob.size(), blob.time()));
            usedBytes += blob.size();
        }
        // More than the quota allows, if that was lowered, is evicted when room is needed: then it is known what is
        // spared.
    }

    private record Found(BlobKey blob, long size, Instant time) {}

    private void find(String team, List<Found> found) throws IOException {
        for (Path shard : list(blobs(team))) {
            for (Path file : list(shard)) {
                String hex = String.valueOf(file.getFileName());
                if (hex.length() == HEX_DIGITS) {
                    BlobKey blob = new BlobKey(team, Digest.parse("sha256:" + hex));
                    Instant time = Files.getLastModifiedTime(file).toInstant();
                    found.add(new Found(blob, Files.size(file), time));
                }
            }
        }
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** Names of teams are names of files: they begin with a letter or a digit, and hold no slash. */
    private Path blobs(String team) {
        return (team.isEmpty() ? directory : directory.resolve(TEAMS).resolve(team)).resolve("sha256");
    }

    private Path file(BlobKey blob) {
        String hex = blob.digest().hex();
        return blobs(blob.team()).resolve(hex.substring(0, 2)).resolve(hex);
    }

    /** A blob in the store. */
    private static final class Held {
        final long size;
        Instant named;
        Instant fileTime;
        int readers;

        Held(long size, Instant now) {
            this.size = size;
            this.named = now;
            this.fileTime = now;
        }

        boolean isIdle(Instant namedBefore) {
            return readers == 0 && !named.isAfter(namedBefore);
        }
    }
}
