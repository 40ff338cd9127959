package dev.sheaf.coordinator.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sheaf.image.Digest;
import dev.sheaf.v1.Agent;
import dev.sheaf.v1.AgentDescription;
import dev.sheaf.v1.AgentSelection;
import dev.sheaf.v1.AgentServiceGrpc;
import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.BuildServiceGrpc;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.GetRequest;
import dev.sheaf.v1.HeldLease;
import dev.sheaf.v1.InviteRequest;
import dev.sheaf.v1.ListAgentsRequest;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.PlatformSupport;
import dev.sheaf.v1.ReportRequest;
import dev.sheaf.v1.ReportResponse;
import dev.sheaf.v1.SubmitRequest;
import dev.sheaf.v1.SynchronizeRequest;
import dev.sheaf.v1.SynchronizeResponse;
import dev.sheaf.v1.WhoAmIRequest;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real farm over TLS: operators, users and agents, each with what is theirs. */
final class IdentityEndpointTest {
    private static final Platform ARM64 = platform("arm64");
    private static final Platform AMD64 = platform("amd64");

    @TempDir
    Path directory;

    private SecureFarm farm;
    private Channel operator;
    private Channel user;

    @BeforeEach
    void start() throws Exception {
        farm = new SecureFarm(directory);
        operator = farm.operator;
        user = farm.user;
    }

    @AfterEach
    void stop() throws InterruptedException {
        farm.stop();
    }

    private static Platform platform(String architecture) {
        return Platform.newBuilder()
                .setOs("linux")
                .setArchitecture(architecture)
                .build();
    }

    private static SynchronizeRequest.Builder call(String name, long sequence, Platform... offers) {
        AgentDescription.Builder description =
                AgentDescription.newBuilder().setName(name).setSlots(1);
        for (Platform offer : offers) {
            description.addPlatforms(PlatformSupport.newBuilder().setPlatform(offer));
        }
        return SynchronizeRequest.newBuilder()
                .setIncarnation("one")
                .setSequence(sequence)
                .setDescription(description);
    }

    private static SynchronizeResponse sync(Channel agent, SynchronizeRequest.Builder request) {
        return AgentServiceGrpc.newBlockingStub(agent)
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .synchronize(request.build());
    }

    private static Status refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return catchThrowableOfType(StatusRuntimeException.class, call).getStatus();
    }

    private String submit(Channel as, Platform platform) {
        return BuildServiceGrpc.newBlockingStub(as)
                .submit(SubmitRequest.newBuilder()
                        .setIdempotencyKey(UUID.randomUUID().toString())
                        .setSpec(BuildSpec.newBuilder()
                                .addPlatforms(platform)
                                .setTreeDigest(Digest.of(new byte[0]).value()))
                        .build())
                .getBuildId();
    }

    private static Agent shown(Channel operator, String name) {
        return BuildServiceGrpc.newBlockingStub(operator)
                .listAgents(ListAgentsRequest.getDefaultInstance())
                .getAgentsList()
                .stream()
                .filter(agent -> agent.getDescription().getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void callers_areWhoTheyProveToBe_andOpenWhatIsTheirs() throws Exception {
        Channel agent = farm.join("arm-1", ARM64);
        assertThat(SecureFarm.identity(user)
                        .whoAmI(WhoAmIRequest.getDefaultInstance())
                        .getUser()
                        .getTeam())
                .isEqualTo("payments");
        assertThat(SecureFarm.identity(agent)
                        .whoAmI(WhoAmIRequest.getDefaultInstance())
                        .getAgent()
                        .getPool())
                .isEqualTo("team-a");

        assertThat(refused(() -> SecureFarm.identity(user).invite(InviteRequest.getDefaultInstance()))
                        .getCode())
                .isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(refused(() -> sync(user, call("arm-1", 1, ARM64))).getCode())
                .isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(refused(() -> submit(agent, ARM64)).getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(refused(() -> sync(farm.channel(Optional.empty()), call("arm-1", 1, ARM64)))
                        .getCode())
                .isEqualTo(Status.Code.UNAUTHENTICATED);
    }

    @Test
    void metadata_changesNobody() throws Exception {
        Channel agent = farm.join("arm-1", ARM64);
        String token = farm.token("eve");

        assertThat(refused(() -> sync(SecureFarm.with(agent, "authorization", token), call("arm-1", 1, ARM64)))
                        .getCode())
                .isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(refused(() -> SecureFarm.identity(SecureFarm.with(user, "authorization", token))
                                .whoAmI(WhoAmIRequest.getDefaultInstance()))
                        .getCode())
                .isEqualTo(Status.Code.UNAUTHENTICATED);
        for (String key :
                List.of("agent-id", "agent_id", "x-agent-name", "x-forwarded-for", "user", "x-forwarded-user")) {
            assertThat(SecureFarm.identity(SecureFarm.with(agent, key, "arm-2"))
                            .whoAmI(WhoAmIRequest.getDefaultInstance())
                            .getAgent()
                            .getName())
                    .isEqualTo("arm-1");
        }
        assertThat(refused(() -> sync(agent, call("arm-2", 1, ARM64))).getDescription())
                .contains("\"arm-1\"", "another name");
    }

    @Test
    void build_recordsUserAndTeam() throws Exception {
        sync(farm.join("arm-1", ARM64), call("arm-1", 1, ARM64));
        var build = BuildServiceGrpc.newBlockingStub(operator)
                .get(GetRequest.newBuilder().setBuildId(submit(user, ARM64)).build());
        assertThat(build.getUser()).isEqualTo("ci");
        assertThat(build.getTeam()).isEqualTo("payments");
    }

    @Test
    void agent_isHeldToItsPlatforms_andToldWhatIsWithheld() throws Exception {
        Channel agent = farm.join("arm-1", ARM64);
        SynchronizeResponse answer = sync(agent, call("arm-1", 1, ARM64, AMD64));
        assertThat(answer.getWithheld()).isEqualTo("linux/amd64");
        Agent shown = shown(operator, "arm-1");
        assertThat(shown.getWithheld()).isEqualTo("linux/amd64");
        assertThat(shown.getDescription().getPlatformsList())
                .singleElement()
                .matches(p -> p.getPlatform().equals(ARM64));
        assertThat(shown.getIdentity().getPool()).isEqualTo("team-a");
        assertThat(shown.getAddress()).startsWith("127.0.0.1:");
        assertThat(refused(() -> submit(user, AMD64)).getDescription()).contains("no agent proves linux/amd64");
    }

    @Test
    void drained_agentGetsNothingNew_untilItIsResumed() throws Exception {
        Channel agent = farm.join("arm-1", ARM64);
        sync(agent, call("arm-1", 1, ARM64));
        AgentSelection all = AgentSelection.newBuilder().setPool("team-a").build();
        assertThat(SecureFarm.identity(operator).drainAgents(all).getNamesList())
                .containsExactly("arm-1");
        assertThat(refused(() -> submit(user, ARM64)).getDescription()).contains("no agent proves linux/arm64");
        assertThat(sync(agent, call("arm-1", 2, ARM64)).getDrained()).isTrue();
        assertThat(shown(operator, "arm-1").getDrained()).isTrue();

        var _ = SecureFarm.identity(operator).resumeAgents(all);

        submit(user, ARM64);
        SynchronizeResponse answer = sync(agent, call("arm-1", 3, ARM64));
        assertThat(answer.getDrained()).isFalse();
        assertThat(answer.getAssignmentsCount()).isEqualTo(1);
    }

    @Test
    void agent_usesItsOwnLeases_only() throws Exception {
        Channel holder = farm.join("arm-1", ARM64);
        Channel other = farm.join("arm-2", ARM64);
        sync(holder, call("arm-1", 1, ARM64));
        submit(user, ARM64);
        Assignment held = sync(holder, call("arm-1", 2, ARM64)).getAssignments(0);
        sync(holder, call("arm-1", 3, ARM64).addLeases(HeldLease.newBuilder().setLease(held.getLease())));

        assertThat(report(holder, held).getNow(null)).isNull();
        assertThat(report(other, held).get(20, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    }

    /** How a report stream for a lease ends, if it does. */
    private static CompletableFuture<Status> report(Channel agent, Assignment assignment) {
        CompletableFuture<Status> end = new CompletableFuture<>();
        CompletableFuture<Boolean> begun = new CompletableFuture<>();
        StreamObserver<ReportRequest> stream = AgentServiceGrpc.newStub(agent)
                .report(new StreamObserver<ReportResponse>() {
                    @Override
                    public void onNext(ReportResponse response) {
                        begun.complete(true);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        end.complete(Status.fromThrowable(failure));
                        begun.complete(false);
                    }

                    @Override
                    public void onCompleted() {
                        end.complete(Status.OK);
                    }
                });
        stream.onNext(ReportRequest.newBuilder().setLease(assignment.getLease()).build());
        begun.orTimeout(20, TimeUnit.SECONDS).join();
        return end;
    }

    @Test
    void revoke_endsWhatIsUnderWay_freesItsLease_andTakesTheAgentNoMore() throws Exception {
        Channel agent = farm.join("arm-1", ARM64);
        Channel other = farm.join("arm-2", ARM64);
        sync(agent, call("arm-1", 1, ARM64));
        submit(user, ARM64);
        Assignment held = sync(agent, call("arm-1", 2, ARM64)).getAssignments(0);
        sync(agent, call("arm-1", 3, ARM64).addLeases(HeldLease.newBuilder().setLease(held.getLease())));
        CompletableFuture<Status> report = report(agent, held);
        SynchronizeRequest.Builder waits = call("arm-1", 4, ARM64)
                .addLeases(HeldLease.newBuilder().setLease(held.getLease()))
                .setMaxWait(com.google.protobuf.Duration.newBuilder().setSeconds(15));
        CompletableFuture<SynchronizeResponse> waiting = CompletableFuture.supplyAsync(() -> sync(agent, waits));

        long start = System.nanoTime();
        var _ = SecureFarm.identity(operator)
                .revokeAgents(AgentSelection.newBuilder().addNames("arm-1").build());

        assertThat(report.get(5, TimeUnit.SECONDS).getDescription()).contains("\"arm-1\" was revoked");
        assertThat(Status.fromThrowable(
                                org.assertj.core.api.Assertions.catchThrowable(() -> waiting.get(5, TimeUnit.SECONDS)))
                        .getCode())
                .isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(refused(() -> sync(agent, call("arm-1", 5, ARM64))).getDescription())
                .contains("was revoked at");
        assertThat(sync(other, call("arm-2", 1, ARM64)).getAssignmentsCount()).isEqualTo(1);
        assertThat(shown(operator, "arm-1").getIdentity().hasRevoked()).isTrue();

        Channel again = farm.join("arm-1", ARM64);
        assertThat(sync(again, call("arm-1", 6, ARM64)).getLeaseTime().getSeconds())
                .isPositive();
    }
}
