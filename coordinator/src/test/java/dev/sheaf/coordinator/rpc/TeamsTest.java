package dev.sheaf.coordinator.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.sheaf.image.Digest;
import dev.sheaf.v1.AgentDescription;
import dev.sheaf.v1.AgentServiceGrpc;
import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.AttachRequest;
import dev.sheaf.v1.BlobChunk;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildServiceGrpc;
import dev.sheaf.v1.BuildServiceGrpc.BuildServiceBlockingStub;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.CancelRequest;
import dev.sheaf.v1.ContextStoreGrpc;
import dev.sheaf.v1.ContextTree;
import dev.sheaf.v1.FetchRequest;
import dev.sheaf.v1.FileEntry;
import dev.sheaf.v1.FindMissingRequest;
import dev.sheaf.v1.GetRequest;
import dev.sheaf.v1.ListAgentsRequest;
import dev.sheaf.v1.ListRequest;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.PlatformSupport;
import dev.sheaf.v1.StitchRequest;
import dev.sheaf.v1.SubmitRequest;
import dev.sheaf.v1.SupplyRequest;
import dev.sheaf.v1.SupplyResponse;
import dev.sheaf.v1.SynchronizeRequest;
import dev.sheaf.v1.SynchronizeResponse;
import dev.sheaf.v1.UploadResponse;
import dev.sheaf.v1.WatchRequest;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two teams on a real farm over TLS: what is one's is not there for the other. */
final class TeamsTest {
    private static final Platform ARM64 =
            Platform.newBuilder().setOs("linux").setArchitecture("arm64").build();
    private static final byte[] SECRET = "the plans of team payments".getBytes(StandardCharsets.UTF_8);
    private static final byte[] TREE = ContextTree.newBuilder()
            .addEntries(FileEntry.newBuilder()
                    .setPath("plans")
                    .setDigest(Digest.of(SECRET).value()))
            .build()
            .toByteArray();

    @TempDir
    Path directory;

    private SecureFarm farm;
    private Channel payments;
    private Channel colleague;
    private Channel search;
    private Channel agent;
    private long calls;

    @BeforeEach
    void start() throws Exception {
        farm = new SecureFarm(directory);
        payments = farm.user;
        colleague = farm.user("paula", "payments");
        search = farm.user("sam", "search");
        agent = farm.join("arm-1");
        synchronize();
    }

    @AfterEach
    void stop() throws InterruptedException {
        farm.stop();
    }

    private SynchronizeResponse synchronize() {
        return AgentServiceGrpc.newBlockingStub(agent)
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .synchronize(SynchronizeRequest.newBuilder()
                        .setIncarnation("one")
                        .setSequence(++calls)
                        .setDescription(AgentDescription.newBuilder()
                                .setName("arm-1")
                                .setSlots(2)
                                .addPlatforms(PlatformSupport.newBuilder().setPlatform(ARM64)))
                        .build());
    }

    private static BuildServiceBlockingStub builds(Channel as) {
        return BuildServiceGrpc.newBlockingStub(as).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    private static String submit(Channel as, String key) {
        return builds(as)
                .submit(SubmitRequest.newBuilder()
                        .setIdempotencyKey(key)
                        .setSpec(BuildSpec.newBuilder()
                                .addPlatforms(ARM64)
                                .setTreeDigest(Digest.of(TREE).value())
                                .setContextKey("c0ffee"))
                        .build())
                .getBuildId();
    }

    private static Status refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return catchThrowableOfType(StatusRuntimeException.class, call).getStatus();
    }

    private static List<String> list(Channel as, String team) {
        return builds(as).list(ListRequest.newBuilder().setTeam(team).build()).getBuildsList().stream()
                .map(Build::getId)
                .toList();
    }

    @Test
    void buildOfAnotherTeam_isNoBuild_forAnyCall() {
        String build = submit(payments, "k");
        Map<String, Consumer<String>> calls = Map.of(
                "get",
                        id -> builds(search)
                                .get(GetRequest.newBuilder().setBuildId(id).build()),
                "get by its beginning",
                        id -> builds(search)
                                .get(GetRequest.newBuilder()
                                        .setBuildId(id.substring(0, 8))
                                        .build()),
                "watch",
                        id -> builds(search)
                                .watch(WatchRequest.newBuilder().setBuildId(id).build())
                                .next(),
                "cancel",
                        id -> builds(search)
                                .cancel(CancelRequest.newBuilder()
                                        .setBuildId(id)
                                        .build()),
                "attach",
                        id -> builds(search)
                                .attach(AttachRequest.newBuilder()
                                        .setBuildId(id)
                                        .build()),
                "stitch",
                        id -> builds(search)
                                .stitch(StitchRequest.newBuilder()
                                        .setBuildId(id)
                                        .setIdempotencyKey("s")
                                        .build()),
                "supply", id -> supply(search, id, Map.of()));
        String nobodys = "00000000-0000-0000-0000-000000000000";
        calls.forEach((name, call) -> {
            Status foreign = refused(() -> call.accept(build));
            Status unknown = refused(() -> call.accept(nobodys));
            assertThat(foreign.getCode()).as(name).isEqualTo(Status.Code.NOT_FOUND);
            assertThat(String.valueOf(foreign.getDescription())
                            .replace(build, nobodys)
                            .replace(build.substring(0, 8), "00000000"))
                    .as(name)
                    .isEqualTo(unknown.getDescription());
        });
        assertThat(builds(payments)
                        .get(GetRequest.newBuilder().setBuildId(build).build())
                        .getState())
                .isEqualTo(BuildState.BUILD_STATE_QUEUED);
    }

    @Test
    void lists_showTheOwnTeams_andOperatorsAll() {
        String ours = submit(payments, "k");
        String theirs = submit(search, "k");

        assertThat(list(payments, "")).containsExactly(ours);
        assertThat(list(colleague, "payments")).containsExactly(ours);
        assertThat(list(search, "")).containsExactly(theirs);
        assertThat(list(farm.operator, "")).containsExactly(theirs, ours);
        assertThat(list(farm.operator, "payments")).containsExactly(ours);
        for (String team : List.of("payments", "nobody")) {
            Status status = refused(() -> list(search, team));
            assertThat(status.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThat(status.getDescription())
                    .isEqualTo("only operators see builds of a team that is not theirs: yours is \"search\"");
        }
    }

    @Test
    void colleagueAndOperator_seeAndCancel() {
        String first = submit(payments, "1");
        String second = submit(payments, "2");
        GetRequest beginning =
                GetRequest.newBuilder().setBuildId(first.substring(0, 9)).build();
        assertThat(builds(colleague).get(beginning).getId()).isEqualTo(first);
        assertThat(builds(colleague)
                        .cancel(CancelRequest.newBuilder().setBuildId(first).build())
                        .getState())
                .isEqualTo(BuildState.BUILD_STATE_CANCELLED);
        assertThat(builds(farm.operator)
                        .cancel(CancelRequest.newBuilder().setBuildId(second).build())
                        .getState())
                .isEqualTo(BuildState.BUILD_STATE_CANCELLED);
    }

    @Test
    void sameKeyOfTwoTeams_isTwoBuilds() {
        String ours = submit(payments, "guessed");
        String theirs = submit(search, "guessed");
        assertThat(theirs).isNotEqualTo(ours);
        assertThat(submit(payments, "guessed")).isEqualTo(ours);
        assertThat(submit(search, "guessed")).isEqualTo(theirs);
    }

    @Test
    void agents_showWhatTheyHoldToThoseWhoSeeIt() {
        String ours = submit(payments, "k");
        assertThat(synchronize().getAssignmentsCount()).isEqualTo(1);
        Map.of(payments, List.of(ours + " linux/arm64"), search, List.<String>of())
                .forEach((as, holding) -> {
                    var shown = builds(as)
                            .listAgents(ListAgentsRequest.getDefaultInstance())
                            .getAgents(0);
                    assertThat(shown.getHoldingList()).isEqualTo(holding);
                    assertThat(shown.getLeases()).isEqualTo(1);
                });
    }

    @Test
    void engines_keepFilesOfEachTeamUnderAKeyOfItsOwn() {
        submit(payments, "k");
        submit(search, "k");
        assertThat(synchronize().getAssignmentsList().stream()
                        .map(assignment -> assignment.getSpec().getContextKey()))
                .containsExactlyInAnyOrder("payments/c0ffee", "search/c0ffee");
    }

    @Test
    void blobs_areNotThere_forWhoDidNotBringThem() throws Exception {
        assertThat(upload(payments, SECRET)).isEqualTo(SECRET.length);
        assertThat(upload(colleague, SECRET)).isZero();
        assertThat(missing(colleague)).isEmpty();

        assertThat(missing(search)).containsExactly(Digest.of(SECRET).value());
        assertThat(upload(search, SECRET)).as("bytes that were new").isEqualTo(SECRET.length);
        assertThat(missing(search)).isEmpty();
    }

    @Test
    void namingAnotherTeamsBlobs_givesNobodyTheirContent() throws Exception {
        upload(payments, SECRET);
        upload(payments, TREE);
        submit(search, "k");
        Assignment assignment = synchronize().getAssignments(0);
        BlockingQueue<SupplyResponse> asked = new LinkedBlockingQueue<>();
        Thread supplier = Thread.startVirtualThread(() -> asked.addAll(supply(
                search,
                assignment.getLease().getBuildId(),
                Map.of(Digest.of(TREE).value(), TREE))));

        assertThat(fetch(assignment, TREE).received.poll(10, TimeUnit.SECONDS).getDigest())
                .isEqualTo(Digest.of(TREE).value());
        Collecting<BlobChunk> plans = fetch(assignment, SECRET);
        assertThat(Status.fromThrowable(plans.failures.poll(10, TimeUnit.SECONDS))
                        .getDescription())
                .isEqualTo("search does not have it");
        assertThat(plans.received).isEmpty();
        supplier.join();
        assertThat(asked.stream().flatMap(names -> names.getDigestsList().stream()))
                .containsExactly(Digest.of(TREE).value(), Digest.of(SECRET).value());
    }

    private Collecting<BlobChunk> fetch(Assignment assignment, byte[] blob) {
        Collecting<BlobChunk> chunks = new Collecting<>();
        StreamObserver<FetchRequest> out = ContextStoreGrpc.newStub(agent).fetch(chunks);
        out.onNext(FetchRequest.newBuilder()
                .setLease(assignment.getLease())
                .addDigests(Digest.of(blob).value())
                .build());
        return chunks;
    }

    private static List<String> missing(Channel as) {
        return ContextStoreGrpc.newBlockingStub(as)
                .findMissing(FindMissingRequest.newBuilder()
                        .addDigests(Digest.of(SECRET).value())
                        .build())
                .getDigestsList();
    }

    private static long upload(Channel as, byte[] blob) throws InterruptedException {
        Collecting<UploadResponse> done = new Collecting<>();
        StreamObserver<BlobChunk> out = ContextStoreGrpc.newStub(as).upload(done);
        out.onNext(chunk(blob));
        out.onCompleted();
        return done.received.poll(10, TimeUnit.SECONDS).getStoredBytes();
    }

    private static BlobChunk chunk(byte[] blob) {
        return BlobChunk.newBuilder()
                .setDigest(Digest.of(blob).value())
                .setData(ByteString.copyFrom(blob))
                .setLast(true)
                .build();
    }

    /** Supplies these blobs, and says of others that they are not there. Fails as the call does, if it does at once. */
    private static BlockingQueue<SupplyResponse> supply(Channel as, String build, Map<String, byte[]> blobs) {
        BlockingQueue<SupplyResponse> asked = new LinkedBlockingQueue<>();
        Collecting<SupplyResponse> names = new Collecting<>();
        StreamObserver<SupplyRequest> out = ContextStoreGrpc.newStub(as).supply(names);
        out.onNext(SupplyRequest.newBuilder().setBuildId(build).build());
        try {
            SupplyResponse first = names.received.poll(blobs.isEmpty() ? 0 : 10, TimeUnit.SECONDS);
            Throwable failure = blobs.isEmpty() ? names.failures.poll(10, TimeUnit.SECONDS) : null;
            if (failure != null) {
                throw Status.fromThrowable(failure).asRuntimeException();
            }
            while (first != null) {
                asked.add(first);
                for (String digest : first.getDigestsList()) {
                    byte[] blob = blobs.get(digest);
                    out.onNext(SupplyRequest.newBuilder()
                            .setChunk(
                                    blob == null
                                            ? BlobChunk.newBuilder()
                                                    .setDigest(digest)
                                                    .setMissing("search does not have it")
                                                    .setLast(true)
                                                    .build()
                                            : chunk(blob))
                            .build());
                }
                first = names.received.poll(2, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return asked;
    }

    private static final class Collecting<T> implements StreamObserver<T> {
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
