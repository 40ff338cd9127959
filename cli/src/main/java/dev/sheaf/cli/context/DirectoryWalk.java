package dev.sheaf.cli.context;

import dev.sheaf.cli.context.DigestCache.Fingerprint;
import dev.sheaf.cli.context.TreeContext.Blob;
import dev.sheaf.context.ContextPaths;
import dev.sheaf.context.FileModes;
import dev.sheaf.context.IgnorePatterns;
import dev.sheaf.context.IgnorePatterns.Match;
import dev.sheaf.image.Digest;
import dev.sheaf.v1.FileEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Lists a directory without what the patterns ignore, and hashes its files. */
final class DirectoryWalk {
    /** At the top of the context, BuildKit asks for it even if it is ignored. */
    static final String IGNORE_FILE = ".dockerignore";

    /** What Java makes of bytes in a name that are no UTF-8. */
    static final char UNREADABLE = '\uFFFD';

    private static final String EMPTY = Digest.of(new byte[0]).toString();

    private static final int HASH_BUFFER_BYTES = 128 * 1024;
    private static final int MAX_HASHERS = 8;

    /** A file written this short a time before it is hashed may change again without a change of its times. */
    private static final long RACY_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Path root;
    private final IgnorePatterns ignore;
    private final DigestCache cache;
    private final Instant started;
    private final List<Found> found = new ArrayList<>();
    /** The first names of files that have several. */
    private final Map<Inode, String> linked = new HashMap<>();

    private record Inode(long device, long number) {}

    /** One entry, before it is hashed. */
    private record Found(Path path, FileEntry.Builder entry, Fingerprint fingerprint) {
        boolean isFile() {
            return FileModes.isRegular(entry.buildPartial());
        }
    }

    DirectoryWalk(Path root, IgnorePatterns ignore, DigestCache cache, Instant started) {
        this.root = root;
        this.ignore = ignore;
        this.cache = cache;
        this.started = started;
    }

    /** Adds what there is to a context. */
    void into(TreeContext.Builder context) throws ContextException, InterruptedException {
        list(root, "", Match.NONE, true);
        hash();
        Map<String, DigestCache.Entry> digests = new HashMap<>();
        long racy = nanos(started) - RACY_NANOS;
        List<FileEntry> entries = new ArrayList<>(found.size());
        for (Found file : found) {
            FileEntry entry = file.entry().build();
            entries.add(entry);
            if (file.isFile()) {
                context.put(
                        entry.getDigest(),
                        entry.getDigest().equals(EMPTY)
                                ? new Blob.InMemory(new byte[0], entry.getPath())
                                : new Blob.OnDisk(file.path(), entry.getPath(), entry.getSize()));
                if (file.fingerprint().modified() < racy && file.fingerprint().changed() < racy) {
                    digests.put(entry.getPath(), new DigestCache.Entry(file.fingerprint(), entry.getDigest()));
                }
            }
        }
        context.addAll(entries);
        cache.save(digests, started);
    }

    /** One file by itself, followed if it is a link; no entry if there is none. */
    static Optional<FileEntry> single(Path path, String name, TreeContext.Builder context) throws ContextException {
        try {
            if (!Files.isRegularFile(path)) {
                return Optional.empty();
            }
            Map<String, Object> attributes = Files.readAttributes(path, "unix:mode,size,lastModifiedTime");
            FileEntry.Builder entry = FileEntry.newBuilder()
                    .setPath(name)
                    .setMode(FileModes.permissions((int) value(attributes, "mode")))
                    .setModifiedNanos(nanos((FileTime) value(attributes, "lastModifiedTime")));
            hash(path, entry);
            context.put(entry.getDigest(), new Blob.OnDisk(path, name, entry.getSize()));
            return Optional.of(entry.build());
        } catch (IOException e) {
            throw ContextException.of("cannot read " + path, e);
        }
    }

    static long nanos(FileTime time) {
        return nanos(time.toInstant());
    }

    private static long nanos(Instant instant) {
        return TimeUnit.SECONDS.toNanos(instant.getEpochSecond()) + instant.getNano();
    }

    private void list(Path directory, String prefix, Match match, boolean needed) throws ContextException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(children::add);
        } catch (AccessDeniedException e) {
            if (!needed) {
                // Ignored, but a later pattern might have taken something in it out again.
                return;
            }
            throw ContextException.of("cannot list " + directory + "; add it to .dockerignore if it is not needed", e);
        } catch (IOException e) {
            throw ContextException.of("cannot list " + directory, e);
        }
        children.sort((a, b) -> ContextPaths.ORDER.compare(name(a), name(b)));
        for (Path child : children) {
            visit(child, prefix + name(child), match);
        }
    }

    private void visit(Path file, String path, Match parent) throws ContextException {
        Match match = ignore.match(path, parent);
        boolean wanted = !match.matched() || path.equals(IGNORE_FILE);
        if (!wanted && ignore.prunes(path)) {
            return;
        }
        if (wanted && path.indexOf(UNREADABLE) >= 0) {
            throw new ContextException("the name of a file in " + file.resolveSibling("") + " is not UTF-8 (it reads \""
                    + name(file) + "\"); rename it, or ignore it");
        }
        try {
            Map<String, Object> attributes = Files.readAttributes(
                    file,
                    "unix:mode,size,lastModifiedTime,ctime,dev,ino,nlink,rdev,isDirectory",
                    LinkOption.NOFOLLOW_LINKS);
            boolean directory = (boolean) value(attributes, "isDirectory");
            if (wanted) {
                add(file, path, attributes);
            }
            if (directory) {
                int before = found.size();
                list(file, path + "/", match, wanted);
                if (!wanted && found.size() > before) {
                    add(file, path, attributes);
                }
            }
        } catch (NoSuchFileException e) {
            // Gone since the directory was listed: as if it had gone before.
            return;
        } catch (IOException e) {
            throw ContextException.of("cannot read " + file, e);
        }
    }

    private void add(Path file, String path, Map<String, Object> attributes) throws IOException, ContextException {
        FileEntry.Builder entry = FileEntry.newBuilder()
                .setPath(path)
                .setMode(FileModes.ofUnix((int) value(attributes, "mode")))
                .setModifiedNanos(nanos((FileTime) value(attributes, "lastModifiedTime")));
        if ((entry.getMode() & FileModes.LINK) != 0) {
            entry.setLinkTarget(target(file));
        } else if ((entry.getMode() & FileModes.DEVICE) != 0) {
            long device = (long) value(attributes, "rdev");
            entry.setDeviceMajor(major(device)).setDeviceMinor(minor(device));
        } else if ((entry.getMode() & FileModes.SOCKET) != 0) {
            // A tar archive has no sockets, so BuildKit wants an empty file.
            entry.setMode(entry.getMode() & ~FileModes.SOCKET).setDigest(EMPTY);
        } else if (FileModes.isRegular(entry.buildPartial()) && (int) value(attributes, "nlink") > 1) {
            Inode inode = new Inode((long) value(attributes, "dev"), (long) value(attributes, "ino"));
            entry.setHardLink(Objects.requireNonNullElse(linked.putIfAbsent(inode, path), ""));
        }
        Fingerprint fingerprint = new Fingerprint(
                (long) value(attributes, "size"),
                entry.getModifiedNanos(),
                nanos((FileTime) value(attributes, "ctime")),
                (long) value(attributes, "ino"));
        found.add(new Found(file, entry, fingerprint));
    }

    private static String target(Path link) throws IOException, ContextException {
        String target = Files.readSymbolicLink(link).toString();
        if (target.indexOf(UNREADABLE) >= 0) {
            throw new ContextException("the target of the link " + link + " is not UTF-8; make it anew, or ignore it");
        }
        return target;
    }

    /** As Linux packs the numbers of a device. */
    private static long major(long device) {
        return (device >>> 8 & 0xfff) | (device >>> 32 & ~0xfffL);
    }

    private static long minor(long device) {
        return (device & 0xff) | (device >>> 12 & ~0xffL & 0xffff_ffffL);
    }

    /** An attribute that was asked for, and is therefore there. */
    private static Object value(Map<String, Object> attributes, String name) {
        return Objects.requireNonNull(attributes.get(name), name);
    }

    /** Hashes all files, some at a time. */
    private void hash() throws ContextException, InterruptedException {
        AtomicInteger next = new AtomicInteger();
        AtomicReference<Optional<ContextException>> failure = new AtomicReference<>(Optional.empty());
        int count = Math.min(MAX_HASHERS, Runtime.getRuntime().availableProcessors());
        List<Thread> hashers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            hashers.add(Thread.ofPlatform().daemon().name("hash-" + i).start(() -> {
                int at = next.getAndIncrement();
                while (at < found.size() && failure.get().isEmpty()) {
                    try {
                        hash(found.get(at));
                    } catch (IOException e) {
                        failure.set(Optional.of(ContextException.of(
                                "cannot read " + found.get(at).path(), e)));
                    }
                    at = next.getAndIncrement();
                }
            }));
        }
        try {
            for (Thread hasher : hashers) {
                hasher.join();
            }
        } finally {
            // Only matters when the wait was interrupted: they stop after the file at hand.
            next.set(found.size());
        }
        Optional<ContextException> failed = failure.get();
        if (failed.isPresent()) {
            throw failed.get();
        }
    }

    private void hash(Found file) throws IOException {
        if (!file.isFile() || !file.entry().getDigest().isEmpty()) {
            return;
        }
        Optional<String> known = cache.find(file.entry().getPath(), file.fingerprint());
        if (known.isPresent()) {
            file.entry().setDigest(known.get()).setSize(file.fingerprint().size());
        } else {
            hash(file.path(), file.entry());
        }
    }

    private static void hash(Path path, FileEntry.Builder entry) throws IOException {
        MessageDigest hash = Digest.newHash();
        byte[] buffer = new byte[HASH_BUFFER_BYTES];
        long size = 0;
        try (InputStream in = Files.newInputStream(path)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                hash.update(buffer, 0, count);
                size += count;
            }
        }
        entry.setSize(size).setDigest("sha256:" + HexFormat.of().formatHex(hash.digest()));
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }
}
