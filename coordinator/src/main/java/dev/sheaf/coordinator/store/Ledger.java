package dev.sheaf.coordinator.store;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The meaning of decisions: what is stored after them. Pure; the tables of the databases hold the same. */
final class Ledger {
    private final Map<BuildId, Stored.Build> builds = new HashMap<>();
    private final Map<ImageReference, Stored.Tag> tags = new HashMap<>();
    private long highestFence;
    private long highestOrder;

    void apply(Decision decision) {
        switch (decision) {
            case Decision.Accepted accepted -> accept(accepted);
            case Decision.Leased leased -> lease(leased);
            case Decision.SliceMoved moved -> change(moved.slice(), slice -> move(slice, moved));
            case Decision.TagsMove move ->
                change(
                        move.build(),
                        build -> with(build, and(build.moving(), move.index()), build.rebuilt(), build.end()));
            case Decision.Rebuilt rebuilt ->
                change(rebuilt.build(), build -> with(build, build.moving(), true, build.end()));
            case Decision.TagMoved moved -> moveTag(moved);
            case Decision.Ended ended ->
                change(
                        ended.build(),
                        build -> with(
                                build,
                                build.moving(),
                                build.rebuilt(),
                                Optional.of(new Stored.End(ended.state(), ended.result()))));
            case Decision.Forgotten forgotten -> {
                builds.remove(forgotten.build());
                tags.values().removeIf(tag -> tag.build().equals(forgotten.build()));
            }
        }
    }

    Stored stored() {
        List<Stored.Build> inOrder = builds.values().stream()
                .sorted(Comparator.comparingLong(Stored.Build::order))
                .toList();
        return new Stored(inOrder, List.copyOf(tags.values()), highestFence, highestOrder);
    }

    private void accept(Decision.Accepted accepted) {
        highestOrder = Math.max(highestOrder, accepted.order());
        List<Stored.Slice> slices =
                accepted.request().platforms().stream().map(Ledger::fresh).toList();
        builds.put(
                accepted.build(),
                new Stored.Build(
                        accepted.build(),
                        accepted.order(),
                        accepted.request(),
                        accepted.hasAttachments(),
                        accepted.at(),
                        slices,
                        List.of(),
                        false,
                        Optional.empty()));
    }

    private static Stored.Slice fresh(Platform platform) {
        return new Stored.Slice(
                platform,
                new SliceState.Queued(),
                0,
                Optional.empty(),
                new Stored.Times(Optional.empty(), Optional.empty()));
    }

    private void lease(Decision.Leased leased) {
        highestFence = Math.max(highestFence, leased.lease().fence());
        change(
                leased.lease().slice(),
                slice -> new Stored.Slice(
                        slice.platform(),
                        new SliceState.Leased(
                                leased.holder().agent(), leased.lease().fence()),
                        leased.attempt(),
                        Optional.of(leased.holder()),
                        new Stored.Times(
                                slice.times().started().or(() -> Optional.of(leased.at())), Optional.empty())));
    }

    private static Stored.Slice move(Stored.Slice slice, Decision.SliceMoved moved) {
        Optional<Instant> ended = moved.state().stage().isTerminal() ? Optional.of(moved.at()) : Optional.empty();
        return new Stored.Slice(
                slice.platform(),
                moved.state(),
                slice.attempts(),
                moved.takenFrom().or(slice::holder),
                new Stored.Times(slice.times().started(), ended));
    }

    private void moveTag(Decision.TagMoved moved) {
        Stored.Build build = builds.get(moved.build());
        if (build == null) {
            throw new IllegalStateException("a tag is moved by build " + moved.build() + ", which is not stored");
        }
        tags.put(moved.tag(), new Stored.Tag(moved.tag(), build.id(), build.order(), moved.index(), moved.at()));
    }

    private void change(SliceId id, UnaryOperator<Stored.Slice> change) {
        change(
                id.build(),
                build -> new Stored.Build(
                        build.id(),
                        build.order(),
                        build.request(),
                        build.hasAttachments(),
                        build.submitted(),
                        build.slices().stream()
                                .map(slice -> slice.platform().equals(id.platform()) ? change.apply(slice) : slice)
                                .toList(),
                        build.moving(),
                        build.rebuilt(),
                        build.end()));
    }

    private void change(BuildId id, UnaryOperator<Stored.Build> change) {
        if (builds.computeIfPresent(id, (_, build) -> change.apply(build)) == null) {
            throw new IllegalStateException("a decision is about build " + id + ", which is not stored");
        }
    }

    private static List<Digest> and(List<Digest> digests, Digest another) {
        return Stream.concat(digests.stream(), Stream.of(another)).toList();
    }

    private static Stored.Build with(
            Stored.Build build, List<Digest> moving, boolean rebuilt, Optional<Stored.End> end) {
        return new Stored.Build(
                build.id(),
                build.order(),
                build.request(),
                build.hasAttachments(),
                build.submitted(),
                build.slices(),
                moving,
                rebuilt,
                end);
    }
}
