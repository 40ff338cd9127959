package dev.sheaf.agent.session;

import dev.sheaf.v1.AgentDescription;
import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.Failure;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.LeaseRef;
import dev.sheaf.v1.Outcome;
import dev.sheaf.v1.Stopped;
import dev.sheaf.v1.SynchronizeRequest;
import dev.sheaf.v1.SynchronizeResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the agent holds. Events and the clock in, effects out; owned by one thread. All clocks are nanoseconds of one
 * monotonic clock.
 */
final class SessionState {
    private static final int REMEMBERED_LEASES = 10_000;
    /** Of its time a lease is worked on for this much, in percent: the rest covers clocks that run unevenly. */
    private static final int FENCE_PERCENT = 90;

    private final Incarnation incarnation;
    private final Timing timing;
    private final Map<Long, Holding> holdings = new TreeMap<>();
    private final SeenLeases seen = new SeenLeases(REMEMBERED_LEASES);
    private long sequence;
    private Duration leaseTime;
    private boolean draining;
    /** The coordinator does not answer: once it does, it should do so at once, for what is held is close to its end. */
    private boolean away;

    SessionState(Incarnation incarnation, Timing timing) {
        this.incarnation = incarnation;
        this.timing = timing;
        this.leaseTime = timing.lease();
    }

    /** The next call. Each has a larger sequence number. */
    SynchronizeRequest request(AgentDescription description) {
        sequence++;
        Duration wait = longestWait();
        SynchronizeRequest.Builder request = SynchronizeRequest.newBuilder()
                .setIncarnation(incarnation.id())
                .setStartedAt(incarnation.startedAt())
                .setSequence(sequence)
                .setDescription(description)
                .setDraining(draining)
                .setMaxWait(com.google.protobuf.Duration.newBuilder()
                        .setSeconds(wait.toSeconds())
                        .setNanos(wait.toNanosPart()));
        holdings.values().forEach(holding -> request.addLeases(holding.told()));
        return request.build();
    }

    /**
     * The coordinator answered.
     *
     * @param sentAt clock when the request was sent: what it renewed holds from then on
     */
    List<Effect> answered(SynchronizeResponse answer, int slots, long sentAt, long now) {
        away = false;
        List<Effect> effects = new ArrayList<>();
        if (answer.hasLeaseTime()
                && answer.getLeaseTime().getSeconds() + answer.getLeaseTime().getNanos() > 0) {
            leaseTime = Duration.ofSeconds(
                    answer.getLeaseTime().getSeconds(), answer.getLeaseTime().getNanos());
        }
        answer.getSettledFencesList().forEach(holdings::remove);
        for (long fence : answer.getStopFencesList()) {
            Holding stopped = holdings.remove(fence);
            if (stopped instanceof Holding.Running) {
                effects.add(new Effect.Stop(fence, "the coordinator took the slice back"));
            }
        }
        for (long fence : answer.getRenewedFencesList()) {
            renewed(fence, sentAt, now, effects);
        }
        for (Assignment assignment : answer.getAssignmentsList()) {
            assigned(assignment, slots, now);
        }
        effects.addAll(expire(now));
        return effects;
    }

    /** An attempt came to its end. What comes after its lease is gone changes nothing. */
    void ended(long fence, Outcome outcome) {
        if (holdings.get(fence) instanceof Holding.Running running) {
            holdings.put(fence, new Holding.Ended(running.lease(), outcome));
        }
    }

    /** Stops what could not be renewed in time, before the coordinator gives it to somebody else. */
    List<Effect> expire(long now) {
        List<Effect> effects = new ArrayList<>();
        for (Map.Entry<Long, Holding> entry : List.copyOf(holdings.entrySet())) {
            switch (entry.getValue()) {
                case Holding.Claimed claimed -> {
                    if (now - claimed.since() >= fenceTime()) {
                        holdings.remove(entry.getKey());
                    }
                }
                case Holding.Running running -> {
                    if (now - running.renewed() >= fenceTime()) {
                        effects.add(stop(entry.getKey(), running.lease(), "the lease could not be renewed in time"));
                    }
                }
                case Holding.Ended _ -> {
                    // Kept until the coordinator knows how it ended.
                }
            }
        }
        return effects;
    }

    /** A call failed. */
    void failed() {
        away = true;
    }

    /** No new work from now on. */
    void drain() {
        draining = true;
    }

    /** Ends all that runs; the coordinator is still told. */
    List<Effect> stopAll(String reason) {
        List<Effect> effects = new ArrayList<>();
        for (Map.Entry<Long, Holding> entry : List.copyOf(holdings.entrySet())) {
            switch (entry.getValue()) {
                case Holding.Claimed claimed -> holdings.put(entry.getKey(), stopped(claimed.lease(), reason));
                case Holding.Running running -> effects.add(stop(entry.getKey(), running.lease(), reason));
                case Holding.Ended _ -> {
                    // Nothing runs.
                }
            }
        }
        return effects;
    }

    /** The clock at which {@link #expire} has something to do, if nothing is renewed before. */
    long nextExpiry(long now) {
        long next = now + Duration.ofHours(1).toNanos();
        for (Holding holding : holdings.values()) {
            long since = switch (holding) {
                case Holding.Claimed claimed -> claimed.since();
                case Holding.Running running -> running.renewed();
                case Holding.Ended _ -> next;
            };
            if (!(holding instanceof Holding.Ended) && since + fenceTime() - next < 0) {
                next = since + fenceTime();
            }
        }
        return next;
    }

    /** Whether the coordinator must hear something now: a result, or that a new lease arrived. */
    boolean urgent() {
        return holdings.values().stream().anyMatch(holding -> !(holding instanceof Holding.Running));
    }

    /** How long the next call may wait for news. */
    Duration longestWait() {
        if (away || urgent() || (draining && holdings.isEmpty())) {
            return Duration.ZERO;
        }
        return holdings.isEmpty() ? timing.idle() : timing.busy();
    }

    boolean holdsNothing() {
        return holdings.isEmpty();
    }

    boolean draining() {
        return draining;
    }

    private void assigned(Assignment assignment, int slots, long now) {
        LeaseRef lease = assignment.getLease();
        if (holdings.containsKey(lease.getFence())) {
            return;
        }
        if (!seen.add(lease)) {
            // The coordinator still counts on a lease that was let go here: say that nobody works on it.
            holdings.put(lease.getFence(), stopped(lease, "this lease ended on this agent before"));
        } else if (draining) {
            holdings.put(lease.getFence(), stopped(lease, "the agent is stopping"));
        } else if (atWork() >= slots) {
            Failure full = Failure.newBuilder()
                    .setKind(FailureClass.FAILURE_CLASS_INFRASTRUCTURE)
                    .setMessage("all " + slots + " slots of the agent are taken")
                    .setPlatform(lease.getPlatform())
                    .build();
            Outcome outcome = Outcome.newBuilder().setFailed(full).build();
            holdings.put(lease.getFence(), new Holding.Ended(lease, outcome));
        } else {
            holdings.put(lease.getFence(), new Holding.Claimed(assignment, now));
        }
    }

    private void renewed(long fence, long sentAt, long now, List<Effect> effects) {
        if (now - sentAt >= fenceTime()) {
            // The renewal itself is too old to work on.
            return;
        }
        switch (holdings.get(fence)) {
            case Holding.Claimed claimed -> {
                holdings.put(fence, new Holding.Running(claimed.lease(), sentAt));
                effects.add(new Effect.Start(claimed.assignment()));
            }
            case Holding.Running running -> holdings.put(fence, new Holding.Running(running.lease(), sentAt));
            case Holding.Ended _ -> {
                // Heard, and not recorded yet: told again.
            }
            case null -> {
                // Not held any more.
            }
        }
    }

    private Effect stop(long fence, LeaseRef lease, String reason) {
        holdings.put(fence, stopped(lease, reason));
        return new Effect.Stop(fence, reason);
    }

    private static Holding stopped(LeaseRef lease, String reason) {
        return new Holding.Ended(
                lease,
                Outcome.newBuilder()
                        .setStopped(Stopped.newBuilder().setReason(reason))
                        .build());
    }

    private long atWork() {
        return holdings.values().stream()
                .filter(holding -> !(holding instanceof Holding.Ended))
                .count();
    }

    private long fenceTime() {
        return leaseTime.toNanos() / 100 * FENCE_PERCENT;
    }
}
