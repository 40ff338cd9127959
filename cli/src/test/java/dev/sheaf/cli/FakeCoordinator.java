package dev.sheaf.cli;

import dev.sheaf.v1.Agent;
import dev.sheaf.v1.AgentDescription;
import dev.sheaf.v1.AttachRequest;
import dev.sheaf.v1.AttachResponse;
import dev.sheaf.v1.BlobChunk;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.BuildServiceGrpc;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.CancelRequest;
import dev.sheaf.v1.CancelResponse;
import dev.sheaf.v1.ContextStoreGrpc;
import dev.sheaf.v1.FindMissingRequest;
import dev.sheaf.v1.FindMissingResponse;
import dev.sheaf.v1.GetRequest;
import dev.sheaf.v1.ListAgentsRequest;
import dev.sheaf.v1.ListAgentsResponse;
import dev.sheaf.v1.ListRequest;
import dev.sheaf.v1.ListResponse;
import dev.sheaf.v1.StitchRequest;
import dev.sheaf.v1.SubmitRequest;
import dev.sheaf.v1.SubmitResponse;
import dev.sheaf.v1.SupplyRequest;
import dev.sheaf.v1.SupplyResponse;
import dev.sheaf.v1.UploadResponse;
import dev.sheaf.v1.WatchRequest;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A coordinator on loopback that plays back the events it is given. */
final class FakeCoordinator implements AutoCloseable {
    final List<SubmitRequest> submitted = new CopyOnWriteArrayList<>();
    final List<Long> watchedFrom = new CopyOnWriteArrayList<>();
    final List<String> cancelled = new CopyOnWriteArrayList<>();
    final List<AttachRequest> attached = new CopyOnWriteArrayList<>();
    final List<StitchRequest> stitched = new CopyOnWriteArrayList<>();
    final List<BuildEvent> events = new ArrayList<>();
    /** Digests of blobs that were sent. */
    final List<String> uploaded = new CopyOnWriteArrayList<>();

    volatile boolean lacksBlobs;
    /** What happens while the connection is broken. */
    Runnable whileBroken = () -> {};

    final CountDownLatch watching = new CountDownLatch(1);
    Optional<Status> refusal = Optional.empty();
    /** Events after which the connection breaks, once. */
    int breakAfter = Integer.MAX_VALUE;

    private final CountDownLatch cancelSeen = new CountDownLatch(1);
    private final Server server;
    private final int port;

    FakeCoordinator() throws IOException {
        server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .permitKeepAliveTime(1, TimeUnit.SECONDS)
                .addService(new Builds())
                .addService(new Contexts())
                .build()
                .start();
        port = server.getPort();
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    void add(BuildEvent.Builder event) {
        events.add(event.setSequence(events.size()).build());
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private final class Builds extends BuildServiceGrpc.BuildServiceImplBase {
        @Override
        public void submit(SubmitRequest request, StreamObserver<SubmitResponse> out) {
            submitted.add(request);
            if (refusal.isPresent()) {
                out.onError(refusal.get().asRuntimeException());
                return;
            }
            one(out, SubmitResponse.newBuilder().setBuildId("b-1").build());
        }

        @Override
        public void attach(AttachRequest request, StreamObserver<AttachResponse> out) {
            attached.add(request);
            one(out, AttachResponse.getDefaultInstance());
        }

        @Override
        public void stitch(StitchRequest request, StreamObserver<SubmitResponse> out) {
            stitched.add(request);
            one(out, SubmitResponse.newBuilder().setBuildId("b-2").build());
        }

        @Override
        public void watch(WatchRequest request, StreamObserver<BuildEvent> out) {
            watchedFrom.add(request.getFromSequence());
            watching.countDown();
            for (BuildEvent event : List.copyOf(events)) {
                if (event.getSequence() < request.getFromSequence()) {
                    continue;
                }
                if (event.getSequence() == breakAfter) {
                    breakAfter = Integer.MAX_VALUE;
                    whileBroken.run();
                    out.onError(Status.UNAVAILABLE.asRuntimeException());
                    return;
                }
                out.onNext(event);
            }
            if (events.isEmpty() || !events.getLast().hasBuild()) {
                try {
                    cancelSeen.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                out.onNext(BuildEvent.newBuilder()
                        .setSequence(events.size())
                        .setBuild(Build.newBuilder().setId("b-1").setState(BuildState.BUILD_STATE_CANCELLED))
                        .build());
            }
            out.onCompleted();
        }

        @Override
        public void cancel(CancelRequest request, StreamObserver<CancelResponse> out) {
            cancelled.add(request.getBuildId());
            cancelSeen.countDown();
            one(
                    out,
                    CancelResponse.newBuilder()
                            .setState(BuildState.BUILD_STATE_CANCELLED)
                            .build());
        }

        @Override
        public void get(GetRequest request, StreamObserver<Build> out) {
            if (!"b-1".startsWith(request.getBuildId())) {
                out.onError(Status.NOT_FOUND
                        .withDescription("no build has the id " + request.getBuildId())
                        .asRuntimeException());
                return;
            }
            one(out, events.getLast().getBuild());
        }

        @Override
        public void list(ListRequest request, StreamObserver<ListResponse> out) {
            one(
                    out,
                    ListResponse.newBuilder()
                            .addBuilds(events.getLast().getBuild())
                            .build());
        }

        @Override
        public void listAgents(ListAgentsRequest request, StreamObserver<ListAgentsResponse> out) {
            Agent agent = Agent.newBuilder()
                    .setLastSeen(com.google.protobuf.Timestamp.newBuilder().setSeconds(1))
                    .setDescription(AgentDescription.newBuilder()
                            .setName("arm-1\u001b]0;owned\u0007")
                            .setSlots(2)
                            .setVersion("0.1.0")
                            .setHost(Events.HOST))
                    .setLost(true)
                    .build();
            one(out, ListAgentsResponse.newBuilder().addAgents(agent).build());
        }
    }

    /** Holds every blob already, or none, and asks for none. */
    private final class Contexts extends ContextStoreGrpc.ContextStoreImplBase {
        @Override
        public void findMissing(FindMissingRequest request, StreamObserver<FindMissingResponse> out) {
            FindMissingResponse.Builder missing = FindMissingResponse.newBuilder();
            request.getDigestsList().stream()
                    .filter(digest -> lacksBlobs && !uploaded.contains(digest))
                    .forEach(missing::addDigests);
            one(out, missing.build());
        }

        @Override
        public StreamObserver<BlobChunk> upload(StreamObserver<UploadResponse> out) {
            return new StreamObserver<>() {
                @Override
                public void onNext(BlobChunk chunk) {
                    if (chunk.getLast()) {
                        uploaded.add(chunk.getDigest());
                    }
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onCompleted() {
                    one(out, UploadResponse.getDefaultInstance());
                }
            };
        }

        @Override
        public StreamObserver<SupplyRequest> supply(StreamObserver<SupplyResponse> out) {
            return new Ignored<>(out, SupplyResponse.getDefaultInstance());
        }
    }

    private record Ignored<Q, A>(StreamObserver<A> out, A answer) implements StreamObserver<Q> {
        @Override
        public void onNext(Q value) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {
            one(out, answer);
        }
    }

    private static <T> void one(StreamObserver<T> out, T value) {
        out.onNext(value);
        out.onCompleted();
    }
}
