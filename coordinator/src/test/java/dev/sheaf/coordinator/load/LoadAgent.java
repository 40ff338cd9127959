package dev.sheaf.coordinator.load;

import com.google.protobuf.Duration;
import dev.sheaf.v1.AgentDescription;
import dev.sheaf.v1.AgentServiceGrpc;
import dev.sheaf.v1.AgentServiceGrpc.AgentServiceBlockingStub;
import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.HeldLease;
import dev.sheaf.v1.LeaseRef;
import dev.sheaf.v1.Outcome;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.PlatformSupport;
import dev.sheaf.v1.Pushed;
import dev.sheaf.v1.SynchronizeRequest;
import dev.sheaf.v1.SynchronizeResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** An agent that finishes each slice as soon as it has it, and builds nothing. */
final class LoadAgent implements Runnable {
    private static final String DIGEST = "sha256:" + "0".repeat(64);
    private static final int WAIT_SECONDS = 10;
    private static final int DEADLINE_SECONDS = 20;
    private static final int PAUSE_MILLIS = 200;

    private final ManagedChannel channel;
    private final AgentServiceBlockingStub coordinator;
    private final AgentDescription description;
    private final Consumer<Assignment> assigned;
    private final Runnable settled;
    private final String incarnation = UUID.randomUUID().toString();
    private final Map<Long, LeaseRef> done = new LinkedHashMap<>();
    /** Every fence that was taken up, so that none is twice. */
    private final Set<Long> seen = new HashSet<>();

    private long sequence;

    LoadAgent(
            ManagedChannel channel,
            String name,
            Platform platform,
            int slots,
            Consumer<Assignment> assigned,
            Runnable settled) {
        this.channel = channel;
        this.coordinator = AgentServiceGrpc.newBlockingStub(channel);
        this.description = AgentDescription.newBuilder()
                .setName(name)
                .setSlots(slots)
                .addPlatforms(PlatformSupport.newBuilder().setPlatform(platform).setProof("played"))
                .build();
        this.assigned = assigned;
        this.settled = settled;
    }

    @Override
    public void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                call();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void call() throws InterruptedException {
        SynchronizeRequest.Builder request = SynchronizeRequest.newBuilder()
                .setIncarnation(incarnation)
                .setSequence(++sequence)
                .setDescription(description)
                .setMaxWait(Duration.newBuilder().setSeconds(WAIT_SECONDS));
        done.values()
                .forEach(lease -> request.addLeases(HeldLease.newBuilder()
                        .setLease(lease)
                        .setOutcome(Outcome.newBuilder()
                                .setPushed(Pushed.newBuilder().setDigest(DIGEST)))));
        try {
            hear(coordinator
                    .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                    .synchronize(request.build()));
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.CANCELLED) {
                throw new InterruptedException();
            }
            channel.resetConnectBackoff();
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    private void hear(SynchronizeResponse response) {
        for (long fence : response.getSettledFencesList()) {
            if (done.remove(fence) != null) {
                settled.run();
            }
        }
        response.getStopFencesList().forEach(done::remove);
        for (Assignment assignment : response.getAssignmentsList()) {
            if (seen.add(assignment.getLease().getFence())) {
                assigned.accept(assignment);
                done.put(assignment.getLease().getFence(), assignment.getLease());
            }
        }
    }
}
