package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Manifests, indexes and tags; no compare-and-swap. A crash breaks tags that were written shortly before. */
final class SimRegistry {
    /** An index: what is in it, and whose it is. */
    record Index(Digest digest, BuildId build, Map<Platform, Digest> manifests) {}

    private record Tag(Digest index, long written, boolean isBroken) {}

    /** A tag that was written so long ago survives a crash. */
    private static final long UNSAFE = 10_000;

    private final World world;
    private final Map<Digest, Platform> manifests = new TreeMap<>();
    private final Map<Digest, Index> indexes = new TreeMap<>();
    private final Set<Digest> named = new HashSet<>();
    private final Map<String, Tag> tags = new TreeMap<>();
    private long downUntil;

    SimRegistry(World world) {
        this.world = world;
    }

    /** An agent pushes. */
    Digest push(Platform platform) {
        Digest digest = Digest.of(("push " + world.draw()).getBytes(StandardCharsets.UTF_8));
        manifests.put(digest, platform);
        return digest;
    }

    Optional<Platform> manifest(Digest digest) {
        return Optional.ofNullable(manifests.get(digest));
    }

    /** Refuses an index that names what is not there. */
    boolean put(Index index) {
        if (!manifests.keySet().containsAll(index.manifests().values())) {
            return false;
        }
        indexes.put(index.digest(), index);
        named.addAll(index.manifests().values());
        return true;
    }

    Index index(Digest digest) {
        return Optional.ofNullable(indexes.get(digest)).orElseThrow();
    }

    void move(ImageReference tag, Digest index) {
        tags.put(tag.toString(), new Tag(index, world.now(), false));
    }

    /** What the tag points to; empty: nothing that can be read. */
    Optional<Digest> read(ImageReference tag) {
        return Optional.ofNullable(tags.get(tag.toString()))
                .filter(found -> !found.isBroken())
                .map(Tag::index);
    }

    boolean isBroken(ImageReference tag) {
        Tag found = tags.get(tag.toString());
        return found != null && found.isBroken();
    }

    /** Whether a call fails. */
    boolean fails() {
        return world.now() < downUntil || world.strikes(Fault.REGISTRY_ERROR, 20);
    }

    void crash() {
        world.note(Fault.REGISTRY_CRASHED);
        downUntil = world.now() + 1_000 + world.random.nextInt(8_000);
        tags.replaceAll((_, tag) -> world.now() - tag.written() < UNSAFE && world.strikes(Fault.TAG_BROKEN, 2)
                ? new Tag(tag.index(), tag.written(), true)
                : tag);
    }

    /** Deletes a manifest that no index names, as cleaning jobs do. */
    void collect() {
        List<Digest> unnamed = new ArrayList<>(manifests.keySet());
        unnamed.removeAll(named);
        if (!unnamed.isEmpty()) {
            world.note(Fault.MANIFEST_COLLECTED);
            manifests.remove(unnamed.get(world.random.nextInt(unnamed.size())));
        }
    }
}
