package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.queue.api.Effect;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.queue.time.Expiries;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** How builds end, and what is told on the way. */
final class Endings {
    private final BuildTable builds;
    private final AgentTable agents;
    private final Tags tags;
    private final Expiries expiries;
    private final Limits limits;
    private final Consumer<Effect> out;

    Endings(BuildTable builds, AgentTable agents, Tags tags, Expiries expiries, Limits limits, Consumer<Effect> out) {
        this.builds = builds;
        this.agents = agents;
        this.tags = tags;
        this.expiries = expiries;
        this.limits = limits;
        this.out = out;
    }

    /** A slice failed for good: its siblings are cancelled, and the build fails with it. */
    void sliceFailed(Instant now, SliceRecord slice, Failure failure) {
        Failure located = failure.on(slice.platform());
        builds.dequeue(slice);
        withdraw(slice);
        slice.become(new SliceState.Failed(located), now);
        tellSlice(now, slice);
        cancelOpenSlices(now, slice.build);
        end(now, slice.build, BuildState.FAILED, Optional.empty(), Optional.of(located));
    }

    void cancel(Instant now, BuildRecord build) {
        if (build.state().isTerminal() || build.tagsMove()) {
            return;
        }
        cancelOpenSlices(now, build);
        end(now, build, BuildState.CANCELLED, Optional.empty(), Optional.empty());
    }

    /** The build fails as a whole. */
    void fail(Instant now, BuildRecord build, Failure failure) {
        cancelOpenSlices(now, build);
        end(now, build, BuildState.FAILED, Optional.empty(), Optional.of(failure));
    }

    /** Whether a registry may answer better later. */
    static boolean isTriedAgain(Failure failure, int tries) {
        return switch (failure.kind()) {
            case REGISTRY, INFRASTRUCTURE -> tries < Limits.REGISTRY_TRIES;
            case USER, AUTHENTICATION, VERIFICATION, CAPACITY, ARCHITECTURE -> false;
        };
    }

    private void cancelOpenSlices(Instant now, BuildRecord build) {
        for (SliceRecord slice : build.slices) {
            if (!slice.state().stage().isTerminal()) {
                builds.dequeue(slice);
                withdraw(slice);
                slice.become(new SliceState.Cancelled(), now);
                tellSlice(now, slice);
            }
        }
    }

    AgentTable agents() {
        return agents;
    }

    /** Takes the slice's lease back, if it has one. */
    void withdraw(SliceRecord slice) {
        long fence = slice.fence();
        slice.agent().flatMap(id -> agents.holder(id, fence)).ifPresent(agent -> {
            agent.revoke(fence);
            agents.tell(agent);
        });
    }

    void end(Instant now, BuildRecord build, BuildState state, Optional<Descriptor> index, Optional<Failure> failure) {
        Optional<Failure> told = failure.map(why -> namingTags(build, why));
        build.end(state, new BuildSnapshot.Result(Optional.of(now), index, told));
        tags.leave(build);
        BuildSnapshot last = snapshot(build);
        out.accept(new Effect.Keep(new Decision.Ended(build.id, state, last.result())));
        out.accept(new Effect.BuildChanged(last));
        release(now, build);
        builds.ended(build).forEach(old -> {
            tags.forget(old);
            out.accept(new Effect.Keep(new Decision.Forgotten(old.id)));
            out.accept(new Effect.Forget(old.id));
        });
    }

    /** Tags that moved before the build failed stay where they are, on whole images; the user hears which. */
    private static Failure namingTags(BuildRecord build, Failure failure) {
        if (build.tagsMoved.isEmpty()) {
            return failure;
        }
        List<ImageReference> others = build.request.tags().stream()
                .filter(tag -> !build.tagsMoved.contains(tag))
                .toList();
        return failure.saying(failure.message() + "; moved already, with every platform: " + words(build.tagsMoved)
                + (others.isEmpty() ? "" : "; not moved: " + words(others)));
    }

    private static String words(Collection<ImageReference> tags) {
        return tags.stream().map(ImageReference::toString).collect(Collectors.joining(", "));
    }

    /** Credentials of a build that moved tags are needed a while longer, to look after the tags. */
    private void release(Instant now, BuildRecord build) {
        if (!build.tagsMoved.isEmpty()) {
            out.accept(new Effect.ReleaseSecrets(build.id));
            Instant last =
                    now.plus(limits.times().tagWatch()).plus(limits.times().tagCheck());
            expiries.at(last, _ -> out.accept(new Effect.Release(build.id)));
        } else {
            out.accept(new Effect.Release(build.id));
        }
    }

    BuildSnapshot snapshot(BuildRecord build) {
        return build.snapshot(this::waitingFor);
    }

    void notice(BuildId build, Optional<Platform> platform, String text) {
        out.accept(new Effect.Notice(build, platform, text));
    }

    void tellBuild(BuildRecord build) {
        out.accept(new Effect.BuildChanged(snapshot(build)));
    }

    void tellSlice(Instant now, SliceRecord slice) {
        if (slice.fence() == 0) {
            out.accept(new Effect.Keep(new Decision.SliceMoved(slice.id, slice.state(), slice.takenFrom(), now)));
        }
        out.accept(new Effect.SliceChanged(slice.snapshot(waitingFor(slice))));
    }

    /** Why a queued slice waits, for the user. */
    String waitingFor(SliceRecord slice) {
        if (!(slice.state() instanceof SliceState.Queued)) {
            return "";
        }
        if (slice.build.lacksAttachments) {
            return "the build's credentials and secrets, lost when the coordinator was started anew";
        }
        if (slice.isPaused) {
            return "a registry that failed; it is tried again in a moment";
        }
        if (!agents.offered().contains(slice.platform())) {
            return "no agent proves " + slice.platform();
        }
        long ahead = builds.ahead(slice);
        if (ahead > 0) {
            String most = ahead == BuildTable.MOST_COUNTED ? "at least " : "";
            return most + ahead + (ahead == 1 ? " slice is ahead" : " slices are ahead");
        }
        return "a free slot on an agent for " + slice.platform();
    }
}
