package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.store.Stored;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Who may move a tag. Registries have no compare-and-swap on tags, so that the order is kept here: one build at a time
 * moves a tag, and none that is older than the one that moved it last.
 */
final class Tags {
    private final Map<ImageReference, Stored.Tag> last = new HashMap<>();
    private final Map<ImageReference, BuildRecord> moving = new HashMap<>();
    /** Builds that are stitched and want to publish, by their order. */
    private final TreeMap<Long, BuildRecord> wanting = new TreeMap<>();
    /** Builds that had begun to move the tag, by their order: their moves may arrive late. */
    private final Map<ImageReference, TreeMap<Long, BuildRecord>> movers = new HashMap<>();
    /** Tags at which a look is ahead. */
    private final Set<ImageReference> watched = new HashSet<>();

    void restore(Stored.Tag tag) {
        last.put(tag.tag(), tag);
    }

    /** The build begins to move its tags, or began in an earlier process. */
    void remember(BuildRecord build) {
        build.request
                .tags()
                .forEach(
                        tag -> movers.computeIfAbsent(tag, _ -> new TreeMap<>()).put(build.order, build));
    }

    /** What builds that are older than the one that moved the tag last had moved it to. */
    Set<Digest> older(Stored.Tag moved) {
        return movers.getOrDefault(moved.tag(), new TreeMap<>()).headMap(moved.order()).values().stream()
                .flatMap(build -> build.moved.stream())
                .filter(digest -> !digest.equals(moved.index()))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** False: a look at the tag is ahead already. */
    boolean beginWatch(ImageReference tag) {
        return watched.add(tag);
    }

    void endWatch(ImageReference tag) {
        watched.remove(tag);
    }

    void want(BuildRecord build) {
        wanting.put(build.order, build);
    }

    /** The builds whose turn has come: from now on their tags are theirs until they leave. */
    List<BuildRecord> begin() {
        List<BuildRecord> begun = wanting.values().stream()
                .filter(build -> !build.lacksAttachments)
                .filter(this::claim)
                .toList();
        begun.forEach(build -> wanting.remove(build.order));
        return begun;
    }

    private boolean claim(BuildRecord build) {
        if (build.request.tags().stream().anyMatch(moving::containsKey)) {
            return false;
        }
        build.request.tags().forEach(tag -> moving.put(tag, build));
        return true;
    }

    /** The build publishes no more, for now or for good. */
    void leave(BuildRecord build) {
        wanting.remove(build.order);
        moving.values().removeIf(build::equals);
    }

    /** The newer build that has moved this tag; empty: the tag is the build's. */
    Optional<BuildId> newer(BuildRecord build, ImageReference tag) {
        return last(tag).filter(moved -> moved.order() > build.order).map(Stored.Tag::build);
    }

    void moved(Instant now, BuildRecord build, ImageReference tag, Digest index) {
        last.put(tag, new Stored.Tag(tag, build.id, build.order, index, now));
    }

    /** Whether this build moved the tag last, to this index. */
    boolean isAt(BuildRecord build, ImageReference tag, Digest index) {
        return last(tag)
                .filter(moved -> moved.build().equals(build.id) && moved.index().equals(index))
                .isPresent();
    }

    /** Who moved the tag last, and to what; empty: nobody who is remembered. */
    Optional<Stored.Tag> last(ImageReference tag) {
        return Optional.ofNullable(last.get(tag));
    }

    /** Whether a build publishes that names the tag; it may find that the tag is not its own. */
    boolean isMoving(ImageReference tag) {
        return moving.containsKey(tag);
    }

    void forget(BuildRecord build) {
        for (ImageReference tag : build.request.tags()) {
            last.computeIfPresent(tag, (_, moved) -> moved.build().equals(build.id) ? null : moved);
            movers.computeIfPresent(tag, (_, old) -> {
                old.remove(build.order);
                return old.isEmpty() ? null : old;
            });
        }
    }
}
