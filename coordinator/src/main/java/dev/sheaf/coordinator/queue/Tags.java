package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.store.Stored;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Who may move a tag. Registries have no compare-and-swap on tags, so that the order is kept here: one build at a time
 * moves a tag, and none that is older than the one that moved it last.
 */
final class Tags {
    private final Map<ImageReference, Stored.Tag> last = new HashMap<>();
    private final Map<ImageReference, BuildRecord> moving = new HashMap<>();
    /** Builds that are stitched and want to publish, by their order. */
    private final TreeMap<Long, BuildRecord> wanting = new TreeMap<>();

    void restore(Stored.Tag tag) {
        last.put(tag.tag(), tag);
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
        return Optional.ofNullable(last.get(tag))
                .filter(moved -> moved.order() > build.order)
                .map(Stored.Tag::build);
    }

    Stored.Tag moved(Instant now, BuildRecord build, ImageReference tag, Digest index) {
        Stored.Tag moved = new Stored.Tag(tag, build.id, build.order, index, now);
        last.put(tag, moved);
        return moved;
    }

    /** Whether nobody has moved the tag since. */
    boolean isLast(Stored.Tag moved) {
        return moved.equals(last.get(moved.tag()));
    }

    /** Whether a build publishes that names the tag; it may find that the tag is not its own. */
    boolean isMoving(ImageReference tag) {
        return moving.containsKey(tag);
    }

    Collection<Stored.Tag> all() {
        return last.values();
    }

    void forget(BuildId build) {
        last.values().removeIf(tag -> tag.build().equals(build));
    }
}
