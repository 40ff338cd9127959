package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildRequest.Stitching;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.queue.api.Effect;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.queue.api.RefusedException;
import dev.sheaf.coordinator.queue.time.Expiries;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.coordinator.store.Stored;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** How stitched builds move their tags, and how tags are looked after for a while. */
final class Publishing {
    private final BuildTable builds;
    private final Tags tags;
    private final Expiries expiries;
    private final Endings endings;
    private final Limits limits;
    private final Consumer<Effect> out;

    Publishing(BuildTable builds, Tags tags, Expiries expiries, Endings endings, Limits limits, Consumer<Effect> out) {
        this.builds = builds;
        this.tags = tags;
        this.expiries = expiries;
        this.endings = endings;
        this.limits = limits;
        this.out = out;
    }

    Endings endings() {
        return endings;
    }

    /** A slice is built: it may have been the last one. */
    void sliceBuilt(Instant now, BuildRecord build) {
        if (build.state() != BuildState.STITCHING) {
            return;
        }
        if (build.request.push()) {
            endings.tellBuild(build);
            tags.want(build);
        } else {
            endings.end(now, build, BuildState.SUCCEEDED, Optional.empty(), Optional.empty());
        }
    }

    /** Accepts a build of what an older one has built, or finds the one that this wish made before. */
    BuildId stitch(Instant now, BuildId id, Stitching wish, boolean hasAttachments) throws RefusedException {
        BuildRecord of = stitchable(wish);
        BuildRequest old = of.request;
        BuildRequest request = new BuildRequest(
                wish.idempotencyKey(),
                old.platforms(),
                wish.tags().isEmpty() ? old.tags() : wish.tags(),
                true,
                old.source(),
                old.options(),
                Optional.empty(),
                wish.submitter());
        Optional<BuildRecord> known = builds.known(request);
        if (known.isPresent()) {
            return known.get().id;
        }
        BuildRecord build = builds.accept(now, id, request);
        // What the registry has lost is not built again: that is not what was asked for.
        build.rebuilt = true;
        out.accept(new Effect.Keep(new Decision.Accepted(id, build.order, request, hasAttachments, now)));
        out.accept(new Effect.Keep(new Decision.Rebuilt(id)));
        for (int i = 0; i < build.slices.size(); i++) {
            SliceRecord slice = build.slices.get(i);
            builds.dequeue(slice);
            SliceRecord former = of.slices.get(i);
            if (former.state() instanceof SliceState.Built built) {
                slice.takeOver(built, former.holder(), now);
            }
        }
        endings.tellBuild(build);
        build.slices.forEach(slice -> endings.tellSlice(now, slice));
        tags.want(build);
        return id;
    }

    private BuildRecord stitchable(Stitching wish) throws RefusedException {
        BuildRecord of = builds.find(wish.of());
        if (of == null) {
            throw notBuilt("there is no build " + wish.of());
        }
        if (!of.request.push()) {
            throw notBuilt("build " + of.id + " did not push, so that there is nothing to stitch: build with --push");
        }
        for (SliceRecord slice : of.slices) {
            if (!(slice.state() instanceof SliceState.Built)) {
                throw notBuilt("build " + of.id + " cannot be stitched, for its slice " + slice.platform() + " is "
                        + slice.state().stage().name().toLowerCase(Locale.ROOT) + ": build it again");
            }
        }
        for (ImageReference tag : wish.tags()) {
            if (of.request.tags().stream().noneMatch(old -> old.name().equals(tag.name()))) {
                throw notBuilt("the tag " + tag + " is not in a repository that build " + of.id + " pushed to, such as "
                        + of.request.tags().getFirst().name());
            }
        }
        return of;
    }

    private static RefusedException notBuilt(String message) {
        return new RefusedException(RefusedException.Reason.NOT_BUILT, message);
    }

    /** Lets those publish whose turn has come. */
    void begin() {
        for (BuildRecord build : tags.begin()) {
            List<ImageReference> own = build.request.tags().stream()
                    .filter(tag -> isOwn(build, tag))
                    .toList();
            build.tagsToMove = own;
            out.accept(new Effect.Publish(endings.snapshot(build), own));
        }
    }

    private boolean isOwn(BuildRecord build, ImageReference tag) {
        return tags.newer(build, tag)
                .map(newer -> {
                    endings.notice(
                            build.id,
                            Optional.empty(),
                            "the tag " + tag + " stays: " + shown(newer, build)
                                    + " was submitted later and has moved it");
                    return false;
                })
                .orElse(true);
    }

    /** Other teams' builds are not named. */
    private String shown(BuildId newer, BuildRecord build) {
        BuildRecord other = builds.find(newer);
        return other != null && other.request.team().equals(build.request.team())
                ? "build " + newer
                : "a build of another team";
    }

    /** The tags of the build are about to move; false: they must not. */
    boolean openTagGate(BuildRecord build, Digest index) {
        if (build.state() != BuildState.STITCHING) {
            return false;
        }
        if (build.moved.add(index)) {
            out.accept(new Effect.Keep(new Decision.TagsMove(build.id, index)));
            tags.remember(build);
        }
        return true;
    }

    /** From now on the tag is the build's, whether its other tags follow or not. */
    void tagMoved(Instant now, BuildRecord build, ImageReference tag, Digest index) {
        boolean isMoving = build.state() == BuildState.STITCHING && build.tagsToMove.contains(tag);
        if (isMoving && !tags.isAt(build, tag, index)) {
            tags.moved(now, build, tag, index);
            build.tagsMoved.add(tag);
            out.accept(new Effect.Keep(new Decision.TagMoved(build.id, tag, index, now)));
            watch(now, tag);
        }
    }

    void published(Instant now, BuildRecord build, Descriptor index) {
        if (build.state() != BuildState.STITCHING) {
            return;
        }
        build.tagsToMove.forEach(tag -> tagMoved(now, build, tag, index.digest()));
        endings.end(now, build, BuildState.SUCCEEDED, Optional.of(index), Optional.empty());
    }

    void publishFailed(Instant now, BuildRecord build, Failure failure) {
        if (build.state() != BuildState.STITCHING) {
            return;
        }
        tags.leave(build);
        build.publishTries++;
        if (build.publishTries == 1) {
            build.publishTroubleSince = now;
        }
        Instant since = build.publishTroubleSince;
        Instant next = limits.times().nextTry(now, build.publishTries);
        if (next.isAfter(since.plus(limits.times().publishTrouble()))) {
            String text = failure.message() + "; publishing was tried " + build.publishTries + " times within "
                    + Duration.between(since, now).toSeconds() + " s";
            publishRefused(now, build, Failure.of(failure.kind(), text));
            return;
        }
        endings.notice(build.id, Optional.empty(), "publishing is tried again: " + failure.message());
        expiries.at(next, _ -> {
            if (build.state() == BuildState.STITCHING) {
                tags.want(build);
            }
        });
    }

    /** For good. */
    void publishRefused(Instant now, BuildRecord build, Failure failure) {
        if (build.state() == BuildState.STITCHING) {
            endings.end(now, build, BuildState.FAILED, Optional.empty(), Optional.of(failure));
        }
    }

    /**
     * The registry has lost what was verified of some slices: they are built again, once, if each has an attempt left.
     * Of no effect if the build has ended.
     */
    void incomplete(Instant now, BuildRecord build, List<Platform> lost, Failure failure) {
        if (build.state() != BuildState.STITCHING) {
            return;
        }
        tags.leave(build);
        boolean isExhausted = build.slices.stream()
                .anyMatch(slice -> lost.contains(slice.platform()) && slice.attempt() >= limits.attempts());
        if (build.rebuilt || isExhausted) {
            endings.end(now, build, BuildState.FAILED, Optional.empty(), Optional.of(failure));
            return;
        }
        build.rebuilt = true;
        out.accept(new Effect.Keep(new Decision.Rebuilt(build.id)));
        endings.notice(build.id, Optional.empty(), failure.message() + "; built again, once");
        for (SliceRecord slice : build.slices) {
            if (lost.contains(slice.platform())) {
                slice.become(new SliceState.Queued(), now);
                builds.enqueue(slice);
                endings.tellSlice(now, slice);
            }
        }
        endings.tellBuild(build);
    }

    /**
     * Looks at a tag again and again for a while: a registry that crashes may break tags that it has confirmed. However
     * often a tag moves, one look at it is ahead.
     */
    private void watch(Instant now, ImageReference tag) {
        if (tags.beginWatch(tag)) {
            expiries.at(now.plus(limits.times().tagCheck()), due -> {
                tags.endWatch(tag);
                tags.last(tag).ifPresent(moved -> check(due, moved));
            });
        }
    }

    /** Looks at a tag now, unless a build is at it; and again, if it was moved lately. */
    void check(Instant now, Stored.Tag moved) {
        if (!tags.isMoving(moved.tag())) {
            out.accept(new Effect.CheckTag(moved, tags.older(moved)));
        }
        if (now.isBefore(moved.moved().plus(limits.times().tagWatch()))) {
            watch(now, moved.tag());
        }
    }
}
