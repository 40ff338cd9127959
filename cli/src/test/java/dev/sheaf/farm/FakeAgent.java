package dev.sheaf.farm;

import com.google.protobuf.Duration;
import dev.sheaf.image.Digest;
import dev.sheaf.v1.AgentDescription;
import dev.sheaf.v1.AgentServiceGrpc;
import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.HeldLease;
import dev.sheaf.v1.Outcome;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.PlatformSupport;
import dev.sheaf.v1.Pushed;
import dev.sheaf.v1.SynchronizeRequest;
import dev.sheaf.v1.SynchronizeResponse;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** An agent that speaks the real protocol and builds nothing: it pushes what the test says, and reports that. */
final class FakeAgent implements AutoCloseable {
    private final String name;
    private final Platform platform;
    private final Build build;
    private final ManagedChannel channel;
    private final String incarnation = UUID.randomUUID().toString();
    private final Map<Long, HeldLease> held = new TreeMap<>();
    private long sequence;

    /** What to do with an assignment; returns the digest to report. */
    @FunctionalInterface
    interface Build {
        Digest run(Assignment assignment) throws Exception;
    }

    private FakeAgent(String coordinator, String name, Platform platform, Build build) {
        this.name = name;
        this.platform = platform;
        this.build = build;
        this.channel = Grpc.newChannelBuilder(coordinator, InsecureChannelCredentials.create())
                .build();
    }

    /** Joins the farm at once, and works until it is closed. */
    static FakeAgent start(String coordinator, String name, Platform platform, Build build) throws Exception {
        FakeAgent agent = new FakeAgent(coordinator, name, platform, build);
        agent.synchronize(0);
        Thread.ofVirtual().start(agent::run);
        return agent;
    }

    private void run() {
        try {
            while (true) {
                synchronize(held.isEmpty() ? 10 : 0);
            }
        } catch (StatusRuntimeException e) {
            // Closed.
        } catch (Exception e) {
            throw new AssertionError(name + " broke", e);
        }
    }

    private void synchronize(long maxWaitSeconds) throws Exception {
        SynchronizeResponse answer = AgentServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .synchronize(SynchronizeRequest.newBuilder()
                        .setIncarnation(incarnation)
                        .setSequence(++sequence)
                        .setDescription(AgentDescription.newBuilder()
                                .setName(name)
                                .setSlots(1)
                                .addPlatforms(PlatformSupport.newBuilder().setPlatform(platform)))
                        .addAllLeases(held.values())
                        .setMaxWait(Duration.newBuilder().setSeconds(maxWaitSeconds))
                        .build());
        answer.getSettledFencesList().forEach(held::remove);
        answer.getStopFencesList().forEach(held::remove);
        for (Assignment assignment : answer.getAssignmentsList()) {
            Digest digest = build.run(assignment);
            held.put(
                    assignment.getLease().getFence(),
                    HeldLease.newBuilder()
                            .setLease(assignment.getLease())
                            .setOutcome(Outcome.newBuilder()
                                    .setPushed(Pushed.newBuilder().setDigest(digest.value())))
                            .build());
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
