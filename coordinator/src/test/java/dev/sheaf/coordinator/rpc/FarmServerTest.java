package dev.sheaf.coordinator.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.sheaf.coordinator.context.BlobStore;
import dev.sheaf.coordinator.context.WantedBlobs;
import dev.sheaf.coordinator.dispatch.AgentControl;
import dev.sheaf.coordinator.dispatch.Dispatcher;
import dev.sheaf.coordinator.gate.FarmPolicy;
import dev.sheaf.coordinator.identity.IdentityStore;
import dev.sheaf.coordinator.identity.sql.JdbcIdentities;
import dev.sheaf.coordinator.log.BuildLogs;
import dev.sheaf.coordinator.log.LogLimits;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.store.sqlite.SqliteStore;
import dev.sheaf.endpoint.FarmAddress;
import dev.sheaf.image.Digest;
import dev.sheaf.v1.AgentDescription;
import dev.sheaf.v1.AgentServiceGrpc;
import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.BlobChunk;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.BuildServiceGrpc;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.ContextStoreGrpc;
import dev.sheaf.v1.ContextTree;
import dev.sheaf.v1.FetchRequest;
import dev.sheaf.v1.FileEntry;
import dev.sheaf.v1.HeldLease;
import dev.sheaf.v1.HostDescription;
import dev.sheaf.v1.ListAgentsRequest;
import dev.sheaf.v1.Outcome;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.PlatformSupport;
import dev.sheaf.v1.Pushed;
import dev.sheaf.v1.SubmitRequest;
import dev.sheaf.v1.SupplyRequest;
import dev.sheaf.v1.SupplyResponse;
import dev.sheaf.v1.SynchronizeRequest;
import dev.sheaf.v1.SynchronizeResponse;
import dev.sheaf.v1.UploadResponse;
import dev.sheaf.v1.WatchRequest;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real dispatcher, store, logs and server on a loopback port; the agent and the submitter are played here. */
final class FarmServerTest {
    private static final HostDescription HOST = HostDescription.newBuilder()
            .setMachine("x86_64")
            .setKernel("Linux 6.12.9")
            .setCpu("c".repeat(1_000))
            .setEngine("Docker Engine 29.9.0 (containerd store), BuildKit v0.31.2")
            .setDockerVersion("29.9.0")
            .setBuildkitVersion("v0.31.2")
            .build();
    private static final Platform AMD64 =
            Platform.newBuilder().setOs("linux").setArchitecture("amd64").build();
    private static final byte[] FILE = "a file".getBytes(StandardCharsets.UTF_8);
    private static final byte[] FOREIGN = "of another build".getBytes(StandardCharsets.UTF_8);
    private static final byte[] TREE = ContextTree.newBuilder()
            .addEntries(FileEntry.newBuilder()
                    .setPath("a")
                    .setSize(FILE.length)
                    .setDigest(Digest.of(FILE).value()))
            .build()
            .toByteArray();

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final FarmServices services = new FarmServices();
    private Dispatcher dispatcher;
    private IdentityStore identities;
    private FarmServer server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        InstantSource clock = InstantSource.system();
        BlobStore blobs = BlobStore.open(directory.resolve("contexts"), 1 << 20, clock);
        WantedBlobs wanted = new WantedBlobs(blobs);
        BuildLogs logs = BuildLogs.open(directory.resolve("logs"), LogLimits.DEFAULT, clock);
        Dispatcher.Ports ports = TestDoor.ports(logs, wanted);
        dispatcher = new Dispatcher(
                Limits.defaults(), ports, new Dispatcher.Sources(clock, System::nanoTime, UUID::randomUUID), Map.of());
        dispatcher.start();
        identities = new JdbcIdentities(SqliteStore.identities(directory));
        AgentControl control = new AgentControl(dispatcher);
        services.lead(List.of(
                new BuildEndpoint(dispatcher, logs, identities, FarmPolicy.DEFAULT, threads),
                new AgentEndpoint(dispatcher, control, logs),
                new ContextEndpoint(dispatcher, control, blobs, wanted, threads)));
        server = FarmServer.start(
                FarmAddress.parse("127.0.0.1:0"), TestDoor.open(identities, Optional.empty()), services);
        channel = NettyChannelBuilder.forAddress(server.address().socketAddress())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void stop() throws Exception {
        channel.shutdownNow();
        dispatcher.close();
        identities.close();
        threads.shutdownNow();
        server.stop(1);
    }

    private BuildServiceGrpc.BuildServiceBlockingStub builds() {
        return BuildServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    @Test
    void stop_streamsFirst_eachCallIsToldItsEnd() throws Exception {
        synchronize(1, List.of());
        String build = builds().submit(request(AMD64)).getBuildId();
        WatchRequest watch = WatchRequest.newBuilder().setBuildId(build).build();
        Iterator<BuildEvent> open = builds().watch(watch);
        open.next();
        threads.shutdownNow();
        assertThatThrownBy(() -> open.forEachRemaining(_ -> {})).hasMessageContaining("stopped working on this call");
        assertThatThrownBy(() -> builds().watch(watch).next()).hasMessageContaining("is about to stop; call again");
    }

    @Test
    void build_withAgentAndSubmitter_fetchesItsContextAndSucceeds() throws Exception {
        synchronize(1, List.of());
        String build = builds().submit(request(AMD64)).getBuildId();
        Iterator<BuildEvent> events =
                builds().watch(WatchRequest.newBuilder().setBuildId(build).build());
        supply(build);
        Assignment assignment = synchronize(2, List.of()).getAssignments(0);
        assertThat(fetch(assignment)).isEqualTo(TREE);
        HeldLease done = HeldLease.newBuilder()
                .setLease(assignment.getLease())
                .setOutcome(Outcome.newBuilder()
                        .setPushed(Pushed.newBuilder().setDigest(Digest.of(TREE).value())))
                .build();
        assertThat(synchronize(3, List.of(done)).getSettledFencesList())
                .containsExactly(assignment.getLease().getFence());
        List<BuildEvent> seen = new ArrayList<>();
        events.forEachRemaining(seen::add);
        assertThat(seen.getLast().getBuild().getState()).isEqualTo(BuildState.BUILD_STATE_SUCCEEDED);
        HostDescription cut = HOST.toBuilder().setCpu("c".repeat(200)).build();
        assertThat(seen.getLast().getBuild().getSlices(0).getHost()).isEqualTo(cut);
        assertThat(BuildServiceGrpc.newBlockingStub(channel)
                        .listAgents(ListAgentsRequest.getDefaultInstance())
                        .getAgents(0)
                        .getDescription()
                        .getHost())
                .isEqualTo(cut);
    }

    @Test
    void fetch_blobsOfTheTreeOnly_whateverElseTheFarmHolds() throws Exception {
        synchronize(1, List.of());
        String build = builds().submit(request(AMD64)).getBuildId();
        supply(build);
        Assignment assignment = synchronize(2, List.of()).getAssignments(0);
        store(FOREIGN);

        assertThat(refusal(assignment, FILE).getCode()).as("before its tree").isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(fetch(assignment)).isEqualTo(TREE);
        assertThat(fetch(assignment, Digest.of(FILE))).isEqualTo(FILE);
        assertThat(refusal(assignment, FOREIGN).getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(refusal(assignment, FOREIGN).getDescription())
                .contains(Digest.of(FOREIGN).value(), build);
    }

    @Test
    void fetch_quotaFull_namesTheLimit() throws Exception {
        synchronize(1, List.of());
        String build = builds().submit(request(AMD64)).getBuildId();
        supply(build);
        Assignment assignment = synchronize(2, List.of()).getAssignments(0);
        assertThat(fetch(assignment)).isEqualTo(TREE);
        int size = (1 << 20) - TREE.length - FILE.length + 1;
        store(new byte[size / 2]);
        store(new byte[size - size / 2]);

        Status status = refusal(assignment, FILE);

        assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(status.getDescription()).contains("1048576 bytes", "--context-quota");
    }

    @Test
    void submit_badRequests_areRefusedWithOneLine() {
        assertThatThrownBy(() -> builds().submit(request()))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageStartingWith("INVALID_ARGUMENT: a build needs at least one platform");
        assertThatThrownBy(() -> builds().submit(request(AMD64))).hasMessageStartingWith("FAILED_PRECONDITION");
        SubmitRequest.Builder large = request(AMD64).toBuilder();
        large.getSpecBuilder().putBuildArgs("A", "x".repeat(128 * 1024));
        assertThatThrownBy(() -> builds().submit(large.build()))
                .hasMessageMatching("INVALID_ARGUMENT: .* described in [0-9]+ bytes, and at most 131072 are allowed.*");
    }

    @Test
    void call_coordinatorDoesNotLead_isRefusedWithWhoDoes() {
        services.follow("10.0.0.2:7420");
        assertThatThrownBy(() ->
                        BuildServiceGrpc.newBlockingStub(channel).listAgents(ListAgentsRequest.getDefaultInstance()))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessage("UNAVAILABLE: this coordinator does not lead; 10.0.0.2:7420 does");
    }

    @Test
    void synchronize_callerHangsUp_itsNameIsFreeAtOnce() throws Exception {
        Context.CancellableContext caller = Context.current().withCancellation();
        SynchronizeRequest patient = call("first", 1).toBuilder()
                .setMaxWait(Duration.newBuilder().setSeconds(15))
                .build();
        threads.execute(caller.wrap(() -> {
            try {
                AgentServiceGrpc.newBlockingStub(channel).synchronize(patient);
            } catch (StatusRuntimeException _) {
                // It hung up.
            }
        }));
        while (builds().listAgents(ListAgentsRequest.getDefaultInstance()).getAgentsCount() == 0) {
            Thread.onSpinWait();
        }
        long start = System.nanoTime();
        caller.cancel(null);
        awaitName();
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(4);
    }

    @Test
    void synchronize_connectionEndsBetweenCalls_itsNameIsFreeAtOnce() throws Exception {
        ManagedChannel first = NettyChannelBuilder.forAddress(server.address().socketAddress())
                .usePlaintext()
                .build();
        var _ = AgentServiceGrpc.newBlockingStub(first).synchronize(call("first", 1));
        assertThatThrownBy(() -> AgentServiceGrpc.newBlockingStub(channel).synchronize(call("second", 1)))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("another live agent is called \"a\"");
        long start = System.nanoTime();
        first.shutdownNow();
        awaitName();
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(4);
    }

    /** Until the second process of the agent is let in. */
    private void awaitName() {
        var agents = AgentServiceGrpc.newBlockingStub(channel);
        for (boolean refused = true; refused; ) {
            try {
                agents.synchronize(call("second", 1));
                refused = false;
            } catch (StatusRuntimeException e) {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
            }
        }
    }

    private static SynchronizeRequest call(String incarnation, long sequence) {
        return SynchronizeRequest.newBuilder()
                .setIncarnation(incarnation)
                .setSequence(sequence)
                .setDescription(AgentDescription.newBuilder()
                        .setName("a")
                        .setSlots(1)
                        .setHost(HOST)
                        .addPlatforms(PlatformSupport.newBuilder().setPlatform(AMD64)))
                .build();
    }

    private static SubmitRequest request(Platform... platforms) {
        return SubmitRequest.newBuilder()
                .setIdempotencyKey("k")
                .setSpec(BuildSpec.newBuilder()
                        .addAllPlatforms(List.of(platforms))
                        .setTreeDigest(Digest.of(TREE).value()))
                .build();
    }

    private SynchronizeResponse synchronize(long sequence, List<HeldLease> held) {
        return AgentServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .synchronize(call("i", sequence).toBuilder()
                        .addAllLeases(held)
                        .setMaxWait(Duration.newBuilder().setSeconds(sequence == 1 ? 0 : 5))
                        .build());
    }

    /** Puts a blob of nobody into the store. */
    private void store(byte[] blob) throws InterruptedException {
        Collecting<UploadResponse> done = new Collecting<>();
        StreamObserver<BlobChunk> out = ContextStoreGrpc.newStub(channel).upload(done);
        out.onNext(BlobChunk.newBuilder()
                .setDigest(Digest.of(blob).value())
                .setData(ByteString.copyFrom(blob))
                .setLast(true)
                .build());
        out.onCompleted();
        assertThat(done.received.poll(10, TimeUnit.SECONDS)).isNotNull();
    }

    private Status refusal(Assignment assignment, byte[] blob) throws InterruptedException {
        Collecting<BlobChunk> chunks = new Collecting<>();
        ContextStoreGrpc.newStub(channel)
                .fetch(chunks)
                .onNext(FetchRequest.newBuilder()
                        .setLease(assignment.getLease())
                        .addDigests(Digest.of(blob).value())
                        .build());
        Throwable failure = chunks.failures.poll(10, TimeUnit.SECONDS);
        assertThat(failure).as("nothing is sent: %s", chunks.received).isNotNull();
        return Status.fromThrowable(failure);
    }

    /** Sends tree and file when they are named. */
    private void supply(String build) {
        Map<String, byte[]> blobs =
                Map.of(Digest.of(TREE).value(), TREE, Digest.of(FILE).value(), FILE);
        AtomicReference<StreamObserver<SupplyRequest>> out = new AtomicReference<>();
        out.set(ContextStoreGrpc.newStub(channel).supply(new Collecting<>() {
            @Override
            public void onNext(SupplyResponse names) {
                for (String digest : names.getDigestsList()) {
                    out.get()
                            .onNext(SupplyRequest.newBuilder()
                                    .setChunk(BlobChunk.newBuilder()
                                            .setDigest(digest)
                                            .setData(ByteString.copyFrom(blobs.get(digest)))
                                            .setLast(true))
                                    .build());
                }
            }
        }));
        out.get().onNext(SupplyRequest.newBuilder().setBuildId(build).build());
    }

    private byte[] fetch(Assignment assignment) throws InterruptedException {
        return fetch(assignment, Digest.parse(assignment.getSpec().getTreeDigest()));
    }

    private byte[] fetch(Assignment assignment, Digest digest) throws InterruptedException {
        Collecting<BlobChunk> chunks = new Collecting<>();
        StreamObserver<FetchRequest> out = ContextStoreGrpc.newStub(channel).fetch(chunks);
        out.onNext(FetchRequest.newBuilder()
                .setLease(assignment.getLease())
                .addDigests(digest.value())
                .build());
        BlobChunk chunk = chunks.received.poll(10, TimeUnit.SECONDS);
        out.onCompleted();
        assertThat(chunk).isNotNull();
        assertThat(chunk.getLast()).isTrue();
        return chunk.getData().toByteArray();
    }

    private static class Collecting<T> implements StreamObserver<T> {
        final BlockingQueue<T> received = new LinkedBlockingQueue<>();
        final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();

        @Override
        public void onNext(T message) {
            received.add(message);
        }

        @Override
        public void onError(Throwable failure) {
            failures.add(failure);
        }

        @Override
        public void onCompleted() {}
    }
}
