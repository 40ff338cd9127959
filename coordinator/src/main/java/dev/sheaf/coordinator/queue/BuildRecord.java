package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.store.Stored;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A build in the making. Its state is derived from its slices until it has ended. */
final class BuildRecord {
    final BuildId id;
    /** Place among all builds. */
    final long order;

    final BuildRequest request;
    final Instant submitted;
    final List<SliceRecord> slices = new ArrayList<>();
    /** It brought something secret that was lost with an earlier process, and waits for it. */
    boolean lacksAttachments;
    /** Indexes that its tags were to be moved to: one may arrive at its registry late. */
    final Set<Digest> moved = new HashSet<>();
    /** Its tags that were seen to point to an index of its own. */
    final Set<ImageReference> tagsMoved = new LinkedHashSet<>();
    /** Those that are moved by the current try to publish. */
    List<ImageReference> tagsToMove = List.of();
    /** Slices that the registry had lost were built again, or must not be. */
    boolean rebuilt;
    /** Tries to publish. */
    int publishTries;
    /** The first of them that failed; of no meaning without one. */
    Instant publishTroubleSince = Instant.MIN;

    private @Nullable BuildState end;
    private BuildSnapshot.Result result = BuildSnapshot.Result.OPEN;

    BuildRecord(BuildId id, long order, BuildRequest request, Instant submitted, LongSupplier sliceOrders) {
        this.id = id;
        this.order = order;
        this.request = request;
        this.submitted = submitted;
        for (Platform platform : request.platforms()) {
            slices.add(new SliceRecord(new SliceId(id, platform), this, sliceOrders.getAsLong()));
        }
    }

    BuildRecord(Stored.Build stored, LongSupplier sliceOrders) {
        this.id = stored.id();
        this.order = stored.order();
        this.request = stored.request();
        this.submitted = stored.submitted();
        moved.addAll(stored.moving());
        rebuilt = stored.rebuilt();
        for (Stored.Slice slice : stored.slices()) {
            slices.add(new SliceRecord(new SliceId(id, slice.platform()), this, sliceOrders.getAsLong(), slice));
        }
        stored.end().ifPresent(ended -> end(ended.state(), ended.result()));
    }

    /** The point of no return: the build cannot be cancelled. */
    boolean tagsMove() {
        return !moved.isEmpty();
    }

    BuildSnapshot.Result result() {
        return result;
    }

    void end(BuildState terminal, BuildSnapshot.Result how) {
        if (end != null || !terminal.isTerminal()) {
            throw new IllegalStateException("build " + id + " is " + state() + " and cannot become " + terminal);
        }
        end = terminal;
        result = how;
    }

    BuildState state() {
        if (end != null) {
            return end;
        }
        if (slices.stream().allMatch(slice -> slice.state() instanceof SliceState.Built)) {
            return BuildState.STITCHING;
        }
        return slices.stream().allMatch(slice -> slice.attempt() == 0) ? BuildState.QUEUED : BuildState.BUILDING;
    }

    BuildSnapshot snapshot(Function<SliceRecord, String> waitingFor) {
        return new BuildSnapshot(
                id,
                state(),
                request,
                slices.stream()
                        .map(slice -> slice.snapshot(waitingFor.apply(slice)))
                        .toList(),
                submitted,
                result);
    }
}
