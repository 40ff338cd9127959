package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Platform;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** How builds go on once their slices are done, and how they end. */
final class Endings {
    private final BuildTable builds;
    private final AgentTable agents;
    private final Expiries expiries;
    private final Limits limits;
    private final Consumer<Effect> out;

    Endings(BuildTable builds, AgentTable agents, Expiries expiries, Limits limits, Consumer<Effect> out) {
        this.builds = builds;
        this.agents = agents;
        this.expiries = expiries;
        this.limits = limits;
        this.out = out;
    }

    /** A slice is built: it may have been the last one. */
    void sliceBuilt(Instant now, BuildRecord build) {
        if (build.state() != BuildState.STITCHING) {
            return;
        }
        if (build.request.push()) {
            tellBuild(build);
            out.accept(new Effect.Publish(build.snapshot(this::waitingFor)));
        } else {
            end(now, build, BuildState.SUCCEEDED, Optional.empty(), Optional.empty());
        }
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
        if (build.state().isTerminal() || build.tagsMoving) {
            return;
        }
        cancelOpenSlices(now, build);
        end(now, build, BuildState.CANCELLED, Optional.empty(), Optional.empty());
    }

    /** The tags of the build are about to move; false: they must not. */
    boolean openTagGate(BuildRecord build) {
        if (build.state() != BuildState.STITCHING) {
            return false;
        }
        if (!build.tagsMoving) {
            build.tagsMoving = true;
            out.accept(new Effect.Keep(new Decision.TagsMove(build.id)));
        }
        return true;
    }

    void published(Instant now, BuildRecord build, Descriptor index) {
        if (build.state() == BuildState.STITCHING) {
            end(now, build, BuildState.SUCCEEDED, Optional.of(index), Optional.empty());
        }
    }

    void publishFailed(Instant now, BuildRecord build, Failure failure) {
        if (build.state() != BuildState.STITCHING) {
            return;
        }
        build.publishTries++;
        if (!isTriedAgain(failure, build.publishTries)) {
            end(now, build, BuildState.FAILED, Optional.empty(), Optional.of(failure));
            return;
        }
        notice(build.id, Optional.empty(), "publishing is tried again: " + failure.message());
        expiries.at(limits.times().nextTry(now, build.publishTries), _ -> {
            if (build.state() == BuildState.STITCHING) {
                out.accept(new Effect.Publish(build.snapshot(this::waitingFor)));
            }
        });
    }

    /** Whether a registry may answer better later. */
    static boolean isTriedAgain(Failure failure, int tries) {
        return switch (failure.kind()) {
            case REGISTRY, INFRASTRUCTURE -> tries < Limits.REGISTRY_TRIES;
            case USER, AUTHENTICATION, VERIFICATION, CAPACITY -> false;
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

    /** Takes the slice's lease back, if it has one. */
    void withdraw(SliceRecord slice) {
        long fence = slice.fence();
        slice.agent().flatMap(id -> agents.holder(id, fence)).ifPresent(agent -> agent.revoke(fence));
    }

    private void end(
            Instant now, BuildRecord build, BuildState state, Optional<Descriptor> index, Optional<Failure> failure) {
        build.end(state, new BuildSnapshot.Result(Optional.of(now), index, failure));
        BuildSnapshot last = build.snapshot(this::waitingFor);
        out.accept(new Effect.Keep(new Decision.Ended(build.id, state, last.result())));
        out.accept(new Effect.BuildChanged(last));
        out.accept(new Effect.Release(build.id));
        builds.ended(build).forEach(id -> {
            out.accept(new Effect.Keep(new Decision.Forgotten(id)));
            out.accept(new Effect.Forget(id));
        });
    }

    void notice(BuildId build, Optional<Platform> platform, String text) {
        out.accept(new Effect.Notice(build, platform, text));
    }

    void tellBuild(BuildRecord build) {
        out.accept(new Effect.BuildChanged(build.snapshot(this::waitingFor)));
    }

    void tellSlice(Instant now, SliceRecord slice) {
        if (slice.fence() == 0) {
            out.accept(new Effect.Keep(new Decision.SliceMoved(slice.id, slice.state(), now)));
        }
        out.accept(new Effect.SliceChanged(slice.snapshot(waitingFor(slice))));
    }

    /** Why a queued slice waits, for the user. */
    String waitingFor(SliceRecord slice) {
        if (!(slice.state() instanceof SliceState.Queued)) {
            return "";
        }
        if (!agents.offered().contains(slice.platform())) {
            return "no agent proves " + slice.platform();
        }
        long ahead = builds.ahead(slice);
        if (ahead > 0) {
            return ahead + (ahead == 1 ? " slice is ahead" : " slices are ahead");
        }
        return "a free slot on an agent for " + slice.platform();
    }
}
