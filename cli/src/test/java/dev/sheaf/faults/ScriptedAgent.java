package dev.sheaf.faults;

import com.google.protobuf.Duration;
import dev.sheaf.v1.AgentDescription;
import dev.sheaf.v1.AgentServiceGrpc;
import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.Failure;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.HeldLease;
import dev.sheaf.v1.HostDescription;
import dev.sheaf.v1.LeaseRef;
import dev.sheaf.v1.Outcome;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.PlatformSupport;
import dev.sheaf.v1.Pushed;
import dev.sheaf.v1.Stopped;
import dev.sheaf.v1.SynchronizeRequest;
import dev.sheaf.v1.SynchronizeResponse;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Speaks as an agent does and builds nothing: for faults that need hundreds of agents, or one that lies. */
final class ScriptedAgent implements AutoCloseable {
    /** What an attempt comes to. Runs on a thread of its own; interrupted when the lease is taken back. */
    @FunctionalInterface
    interface Work {
        Outcome run(Assignment assignment) throws InterruptedException;
    }

    /** What happened to a lease here. */
    enum Kind {
        STARTED,
        ENDED,
        STOPPED,
        SETTLED
    }

    /** One line of the agent's record. */
    record Entry(String agent, Kind kind, LeaseRef lease, int attempt, Instant at) {}

    private record Held(
            Assignment assignment,
            @Nullable Thread thread,
            @Nullable Outcome outcome) {}

    private final List<ManagedChannel> channels;
    private final AgentDescription description;
    private final Work work;
    private final List<Entry> record;
    private final Map<Long, Held> held = new TreeMap<>();
    private final List<Status> refusals = new CopyOnWriteArrayList<>();
    private volatile String incarnation = UUID.randomUUID().toString();
    private volatile boolean closed;
    private volatile boolean paused;
    private volatile boolean draining;
    private volatile boolean drainHeard;
    private volatile boolean answered;
    private volatile Context.@Nullable CancellableContext call;
    /** Which of the coordinators is called; the one that refuses gives way to the next. */
    private volatile int current;

    private long sequence;

    private ScriptedAgent(List<ManagedChannel> channels, AgentDescription description, Work work, List<Entry> record) {
        this.channels = channels;
        this.description = description;
        this.work = work;
        this.record = record;
    }

    /** Starts to speak; {@code record} may be shared among agents. */
    static ScriptedAgent join(
            ManagedChannel channel, String name, String platform, int slots, Work work, List<Entry> record) {
        return join(List.of(channel), name, platform, slots, work, record);
    }

    /** The same, with several coordinators of which one leads. */
    static ScriptedAgent join(
            List<ManagedChannel> channels, String name, String platform, int slots, Work work, List<Entry> record) {
        int slash = platform.indexOf('/');
        AgentDescription description = AgentDescription.newBuilder()
                .setName(name)
                .setSlots(slots)
                .setHost(HostDescription.newBuilder().setEngine("none"))
                .setVersion("test")
                .addPlatforms(PlatformSupport.newBuilder()
                        .setPlatform(Platform.newBuilder()
                                .setOs(platform.substring(0, slash))
                                .setArchitecture(platform.substring(slash + 1)))
                        .setProof("stated"))
                .build();
        ScriptedAgent agent = new ScriptedAgent(channels, description, work, record);
        Thread.ofVirtual().name(name).start(agent::loop);
        return agent;
    }

    /** A digest of nothing, for builds that do not push. */
    static Outcome pushed() {
        return pushed("sha256:" + "0".repeat(64));
    }

    static Outcome pushed(String digest) {
        return Outcome.newBuilder()
                .setPushed(Pushed.newBuilder().setDigest(digest))
                .build();
    }

    static Outcome broken(String message) {
        return Outcome.newBuilder()
                .setFailed(Failure.newBuilder()
                        .setKind(FailureClass.FAILURE_CLASS_INFRASTRUCTURE)
                        .setMessage(message))
                .build();
    }

    String name() {
        return description.getName();
    }

    /** It has been answered at least once. */
    boolean hasJoined() {
        return answered;
    }

    /** What calls were refused with. */
    List<Status> refusals() {
        return refusals;
    }

    /** Calls no more, as a host that is gone; work goes on. */
    void pause() {
        paused = true;
        hangUp();
    }

    void resume() {
        paused = false;
    }

    /** Another process of the same name, which knows of nothing. */
    void restart() {
        synchronized (held) {
            held.values().forEach(ScriptedAgent::interrupt);
            held.clear();
            incarnation = UUID.randomUUID().toString();
            sequence = 0;
        }
        hangUp();
    }

    /** Wants no more; true from {@link #drainWasHeard} on. */
    void drain() {
        draining = true;
    }

    boolean drainWasHeard() {
        return drainHeard;
    }

    private void hangUp() {
        Context.CancellableContext open = call;
        if (open != null) {
            open.cancel(null);
        }
    }

    private void loop() {
        while (!closed) {
            try {
                if (paused) {
                    Thread.sleep(20);
                    continue;
                }
                SynchronizeRequest request = request();
                SynchronizeResponse answer = call(request);
                if (request.getIncarnation().equals(incarnation)) {
                    drainHeard |= request.getDraining();
                    take(answer);
                    answered = true;
                }
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() != Status.Code.CANCELLED) {
                    refusals.add(e.getStatus());
                    current = (current + 1) % channels.size();
                    channels.get(current).resetConnectBackoff();
                    pauseAfterRefusal();
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static void pauseAfterRefusal() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private SynchronizeResponse call(SynchronizeRequest request) {
        Context.CancellableContext context = Context.current().withCancellation();
        call = context;
        Context previous = context.attach();
        try {
            // One that hangs is given up for another, if there is one.
            return AgentServiceGrpc.newBlockingStub(channels.get(current))
                    .withDeadlineAfter(channels.size() > 1 ? 6 : 20, TimeUnit.SECONDS)
                    .synchronize(request);
        } finally {
            context.detach(previous);
            context.cancel(null);
        }
    }

    private SynchronizeRequest request() {
        synchronized (held) {
            SynchronizeRequest.Builder request = SynchronizeRequest.newBuilder()
                    .setIncarnation(incarnation)
                    .setSequence(++sequence)
                    .setDescription(description)
                    .setDraining(draining)
                    .setMaxWait(
                            held.isEmpty() && !draining
                                    ? Duration.newBuilder().setSeconds(4)
                                    : Duration.newBuilder().setNanos(200_000_000));
            held.values().forEach(one -> {
                HeldLease.Builder lease =
                        HeldLease.newBuilder().setLease(one.assignment().getLease());
                if (one.outcome() != null) {
                    lease.setOutcome(one.outcome());
                }
                request.addLeases(lease);
            });
            return request.build();
        }
    }

    private void take(SynchronizeResponse answer) {
        synchronized (held) {
            answer.getSettledFencesList().forEach(fence -> forget(fence, Kind.SETTLED));
            answer.getStopFencesList().forEach(fence -> forget(fence, Kind.STOPPED));
            answer.getRenewedFencesList().forEach(this::start);
            answer.getAssignmentsList()
                    .forEach(assignment ->
                            held.putIfAbsent(assignment.getLease().getFence(), new Held(assignment, null, null)));
        }
    }

    private void forget(long fence, Kind kind) {
        Held one = held.remove(fence);
        if (one != null) {
            note(kind, one.assignment());
            interrupt(one);
        }
    }

    private void start(long fence) {
        Held one = held.get(fence);
        if (one == null || one.thread() != null) {
            return;
        }
        Assignment assignment = one.assignment();
        note(Kind.STARTED, assignment);
        Thread thread = Thread.ofVirtual().unstarted(() -> run(assignment));
        held.put(fence, new Held(assignment, thread, null));
        thread.start();
    }

    private void run(Assignment assignment) {
        Outcome outcome;
        try {
            outcome = work.run(assignment);
        } catch (InterruptedException e) {
            outcome = Outcome.newBuilder()
                    .setStopped(Stopped.newBuilder().setReason("told to"))
                    .build();
        }
        synchronized (held) {
            Held one = held.get(assignment.getLease().getFence());
            if (one != null) {
                note(Kind.ENDED, assignment);
                held.put(assignment.getLease().getFence(), new Held(assignment, one.thread(), outcome));
            }
        }
    }

    private void note(Kind kind, Assignment assignment) {
        record.add(new Entry(name(), kind, assignment.getLease(), assignment.getAttempt(), Instant.now()));
    }

    private static void interrupt(Held one) {
        if (one.thread() != null) {
            one.thread().interrupt();
        }
    }

    /** What it has been given and not let go. */
    List<Assignment> holding() {
        synchronized (held) {
            List<Assignment> all = new ArrayList<>();
            held.values().forEach(one -> all.add(one.assignment()));
            return all;
        }
    }

    @Override
    public void close() {
        closed = true;
        hangUp();
        synchronized (held) {
            held.values().forEach(ScriptedAgent::interrupt);
        }
    }
}
