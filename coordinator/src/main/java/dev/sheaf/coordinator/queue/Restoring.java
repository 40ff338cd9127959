package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.queue.time.Expiries;
import dev.sheaf.coordinator.store.Stored;
import java.time.Instant;
import java.util.Optional;

/**
 * Goes on where an earlier process stopped. What agents hold gets a whole lease time anew: they have built on
 * meanwhile. What a build brought that is secret is lost: such a build waits for who brings it again.
 */
final class Restoring {
    private final BuildTable builds;
    private final AgentTable agents;
    private final Tags tags;
    private final Expiries expiries;
    private final Attempts attempts;
    private final Publishing publishing;
    private final Endings endings;
    private final Limits limits;

    Restoring(BuildTable builds, AgentTable agents, Tags tags, Expiries expiries, Parts parts, Limits limits) {
        this.builds = builds;
        this.agents = agents;
        this.tags = tags;
        this.expiries = expiries;
        this.attempts = parts.attempts();
        this.publishing = parts.publishing();
        this.endings = parts.endings();
        this.limits = limits;
    }

    /** The parts of the queue that go on with what is restored. */
    record Parts(Attempts attempts, Publishing publishing, Endings endings) {}

    void restore(Instant now, Stored stored) {
        stored.tags().forEach(tags::restore);
        for (Stored.Build each : stored.builds()) {
            BuildRecord build = builds.restore(each);
            tags.remember(build);
            build.request.tags().stream()
                    .filter(tag -> tags.last(tag)
                            .filter(moved -> moved.build().equals(build.id))
                            .isPresent())
                    .forEach(build.tagsMoved::add);
            if (each.end().isEmpty()) {
                endings.tellBuild(build);
                reopen(now, build, each);
            }
        }
        builds.ordersFrom(stored.highestOrder());
        stored.tags().forEach(tag -> publishing.check(now, tag)); // what older builds made of it is known by now
    }

    private void reopen(Instant now, BuildRecord build, Stored.Build stored) {
        if (stored.hasAttachments()) {
            build.lacksAttachments = true;
            endings.notice(
                    build.id,
                    Optional.empty(),
                    "the coordinator was started anew: the build goes on once its "
                            + "credentials and secrets, which are nowhere stored, are brought again");
            expiries.at(now.plus(limits.times().attachmentsWait()), due -> giveUp(due, build));
        } else {
            endings.notice(build.id, Optional.empty(), "the coordinator was started anew: the build goes on");
        }
        for (int i = 0; i < build.slices.size(); i++) {
            resume(now, build.slices.get(i), stored.slices().get(i));
        }
        if (build.state() == BuildState.STITCHING) {
            tags.want(build);
        }
    }

    private void resume(Instant now, SliceRecord slice, Stored.Slice stored) {
        switch (slice.state()) {
            case SliceState.Queued _ -> builds.enqueue(slice);
            case SliceState.Leased leased ->
                attempts.resume(
                        now,
                        slice,
                        leased.fence(),
                        agents.restore(now, stored.holder().orElseThrow()));
            case SliceState.Verifying verifying -> attempts.verify(slice, verifying.fence(), verifying.digest());
            case SliceState.Running _, SliceState.Built _, SliceState.Failed _, SliceState.Cancelled _ -> {}
        }
    }

    /** What the build lacked is here. */
    void attach(BuildRecord build) {
        if (!build.lacksAttachments) {
            return;
        }
        build.lacksAttachments = false;
        endings.notice(build.id, Optional.empty(), "the build has its credentials and secrets again, and goes on");
        for (SliceRecord slice : build.slices) {
            if (slice.state() instanceof SliceState.Verifying verifying) {
                attempts.verify(slice, verifying.fence(), verifying.digest());
            }
        }
    }

    private void giveUp(Instant now, BuildRecord build) {
        if (!build.lacksAttachments || build.state().isTerminal()) {
            return;
        }
        String text = "the coordinator was started anew, and nobody brought the build's credentials and secrets again "
                + "within " + limits.times().attachmentsWait().toMinutes() + " minutes: run the build again";
        endings.fail(now, build, Failure.of(Failure.Kind.INFRASTRUCTURE, text));
    }
}
