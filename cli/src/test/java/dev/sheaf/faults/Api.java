package dev.sheaf.faults;

import dev.sheaf.v1.Agent;
import dev.sheaf.v1.AgentServiceGrpc;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.BuildServiceGrpc;
import dev.sheaf.v1.BuildServiceGrpc.BuildServiceBlockingStub;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.CancelRequest;
import dev.sheaf.v1.GetRequest;
import dev.sheaf.v1.ListAgentsRequest;
import dev.sheaf.v1.ListRequest;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.SliceStage;
import dev.sheaf.v1.SliceState;
import dev.sheaf.v1.SubmitRequest;
import dev.sheaf.v1.WatchRequest;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The farm as a test sees it: through its own API. */
final class Api implements AutoCloseable {
    private static final Set<BuildState> ENDS = EnumSet.of(
            BuildState.BUILD_STATE_SUCCEEDED, BuildState.BUILD_STATE_FAILED, BuildState.BUILD_STATE_CANCELLED);

    /** A list of all builds may be long. */
    private static final int MAX_MESSAGE_BYTES = 128 * 1024 * 1024;

    private final ManagedChannel channel;

    Api(String address) {
        this.channel = channel(address);
    }

    static ManagedChannel channel(String address) {
        return Grpc.newChannelBuilder(address, InsecureChannelCredentials.create())
                .keepAliveTime(10, TimeUnit.SECONDS)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .build();
    }

    ManagedChannel channel() {
        return channel;
    }

    BuildServiceBlockingStub builds() {
        return BuildServiceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    AgentServiceGrpc.AgentServiceBlockingStub agentCalls() {
        return AgentServiceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    /** A build that needs no context and pushes nothing, on each of these platforms. */
    static SubmitRequest check(String... platforms) {
        BuildSpec.Builder spec = BuildSpec.newBuilder().setUrl("https://example.invalid/context.git");
        for (String platform : platforms) {
            int slash = platform.indexOf('/');
            spec.addPlatforms(Platform.newBuilder()
                    .setOs(platform.substring(0, slash))
                    .setArchitecture(platform.substring(slash + 1)));
        }
        return SubmitRequest.newBuilder()
                .setIdempotencyKey(UUID.randomUUID().toString())
                .setSpec(spec)
                .build();
    }

    String submit(SubmitRequest request) {
        return builds().submit(request).getBuildId();
    }

    BuildState cancel(String build) {
        return builds().cancel(CancelRequest.newBuilder().setBuildId(build).build())
                .getState();
    }

    Build get(String build) {
        return builds().get(GetRequest.newBuilder().setBuildId(build).build());
    }

    List<Build> list() {
        return builds().list(ListRequest.newBuilder().setLimit(1000).build()).getBuildsList();
    }

    List<Agent> agents() {
        return builds().listAgents(ListAgentsRequest.getDefaultInstance()).getAgentsList();
    }

    boolean knows(String agent) {
        try {
            return agents().stream()
                    .anyMatch(known -> known.getDescription().getName().equals(agent));
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    /** The first event of the build that fits, waiting for it; calls again when the connection is lost. */
    BuildEvent await(String build, String what, Duration limit, Predicate<BuildEvent> wanted) {
        long end = System.nanoTime() + limit.toNanos();
        List<BuildEvent> seen = new ArrayList<>();
        while (System.nanoTime() < end) {
            long next = seen.isEmpty() ? 0 : seen.getLast().getSequence() + 1;
            try {
                Iterator<BuildEvent> events = watch(build, next, Duration.ofNanos(end - System.nanoTime()));
                while (events.hasNext()) {
                    BuildEvent event = events.next();
                    seen.add(event);
                    if (wanted.test(event)) {
                        return event;
                    }
                }
                break; // the build has ended
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                    throw e;
                }
                pause();
            }
        }
        throw new AssertionError("not within " + limit + ": " + what + "; last events: "
                + seen.stream()
                        .filter(event -> !event.hasProgress())
                        .map(event -> String.valueOf(event).replaceAll("\\s+", " "))
                        .toList());
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    Iterator<BuildEvent> watch(String build, long from, Duration limit) {
        return BuildServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(Math.max(1, limit.toMillis()), TimeUnit.MILLISECONDS)
                .watch(WatchRequest.newBuilder()
                        .setBuildId(build)
                        .setFromSequence(from)
                        .build());
    }

    /** The build at its end. */
    Build awaitEnd(String build, Duration limit) {
        return await(build, "the build ends", limit, event -> event.hasBuild() && isEnd(event.getBuild()))
                .getBuild();
    }

    /** When a slice came to this stage in this attempt. */
    BuildEvent awaitSlice(String build, SliceStage stage, int attempt, Duration limit) {
        return await(build, "attempt " + attempt + " is " + stage, limit, event -> {
            SliceState slice = event.getSlice();
            return event.hasSlice() && slice.getStage() == stage && slice.getAttempt() == attempt;
        });
    }

    /** Waits for this text in the output of a step. */
    void awaitOutput(String build, String text, Duration limit) {
        await(
                build,
                "a step prints " + text,
                limit,
                event -> event.getProgress().getLogsList().stream()
                        .anyMatch(log -> log.getData().toStringUtf8().contains(text)));
    }

    static boolean isEnd(Build build) {
        return ENDS.contains(build.getState());
    }

    /** All events of a build that has ended. */
    List<BuildEvent> events(String build) {
        List<BuildEvent> events = new ArrayList<>();
        watch(build, 0, Duration.ofSeconds(20)).forEachRemaining(events::add);
        return events;
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
