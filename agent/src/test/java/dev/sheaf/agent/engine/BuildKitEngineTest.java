package dev.sheaf.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.sheaf.agent.engine.session.ContextFiles;
import dev.sheaf.agent.engine.session.ContextUnavailableException;
import dev.sheaf.architecture.Lab;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.FileEntry;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.RegistryCredential;
import dev.sheaf.v1.Secret;
import dev.sheaf.v1.VertexLog;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("lab")
final class BuildKitEngineTest {

    private static final Platform AMD64 =
            Platform.newBuilder().setOs("linux").setArchitecture("amd64").build();

    private final String registry = Lab.registry();
    private final ConcurrentLinkedQueue<Progress> heard = new ConcurrentLinkedQueue<>();
    private Engine engine;

    @BeforeEach
    void open() {
        engine = Engines.open(Lab.dockerHost(), Set.of(), Engines.Patience.STANDARD, UUID::randomUUID);
    }

    @AfterEach
    void close() {
        engine.close();
    }

    @Test
    void probe_containerdStore_isUsable() throws Exception {
        EngineReport report = engine.probe();

        assertThat(report.problem()).isEmpty();
        assertThat(report.description()).startsWith("Docker Engine 2").contains("containerd store");
        assertThat(report.platforms()).contains(AMD64);
    }

    @Test
    void solve_localContext_pushesByDigest() throws Exception {
        MemoryFiles files = new MemoryFiles(
                from("ARG GREETING\nCOPY hello.txt /hello.txt\nRUN echo \"$GREETING from $(cat /hello.txt)\"\n"),
                Map.of("hello.txt", "a file " + UUID.randomUUID(), "unasked.bin", "x".repeat(100_000)));
        BuildSpec spec =
                BuildSpec.newBuilder().putBuildArgs("GREETING", "good day").build();

        SolveResult result = engine.solve(request(files, spec, "engine/local"), heard::add);

        assertThat(result.digest()).matches("sha256:[0-9a-f]{64}");
        assertThat(manifest("engine/local", result.digest())).isEqualTo(200);
        assertThat(output()).contains("good day from a file");
        assertThat(files.read).contains("Dockerfile", "hello.txt").doesNotContain("unasked.bin");
    }

    @Test
    void solve_fileThatNobodyHas_isTheUsers() {
        MemoryFiles gone = new MemoryFiles(from("COPY a.txt /\n"), Map.of("a.txt", "a" + UUID.randomUUID())) {
            @Override
            public void read(List<FileEntry> files, Sink sink) throws IOException, InterruptedException {
                if (files.getFirst().getPath().equals("a.txt")) {
                    throw new ContextUnavailableException(
                            FailureClass.FAILURE_CLASS_USER, "the file a.txt changed while the build ran");
                }
                super.read(files, sink);
            }
        };

        SolveFailure failure = failure(gone);

        assertThat(failure.failure().getKind()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
        assertThat(failure.getMessage()).isEqualTo("the file a.txt changed while the build ran");
    }

    @Test
    void solve_largeFile_arrivesWhole() throws Exception {
        int size = 20_000_000;
        MemoryFiles files = new MemoryFiles(
                from("COPY big.bin /\nRUN wc -c < /big.bin # " + UUID.randomUUID() + "\n"),
                Map.of(
                        "big.bin",
                        UUID.randomUUID().toString().repeat(size / 36 + 1).substring(0, size)));

        engine.solve(request(files, BuildSpec.getDefaultInstance(), "engine/large"), heard::add);

        assertThat(output()).contains("20000000");
    }

    @Test
    void probe_nobodyThere_isAProblemInWords() throws Exception {
        try (Engine absent =
                Engines.open("unix:///nowhere/docker.sock", Set.of(), Engines.Patience.STANDARD, UUID::randomUUID)) {
            assertThat(absent.probe().usable()).isFalse();
            assertThat(absent.probe().problem())
                    .contains("/nowhere/docker.sock")
                    .contains("there is no such socket");
        }
    }

    @Test
    void solve_ignoredFile_isNeverRead() throws Exception {
        MemoryFiles files = new MemoryFiles(
                from("COPY . /all\nRUN ls /all\n"),
                Map.of(".dockerignore", "*.key\n", "a.txt", "a" + UUID.randomUUID(), "b.key", "secret"));

        engine.solve(request(files, BuildSpec.getDefaultInstance(), "engine/ignore"), heard::add);

        assertThat(output()).contains("a.txt").doesNotContain("b.key");
        assertThat(files.read).contains(".dockerignore", "a.txt").doesNotContain("b.key");
    }

    @Test
    void solve_failingStep_isTheUsersWithExcerptAndExitCode() {
        SolveFailure failure = failure(dockerfile("ENV A=1\nRUN echo it broke; exit 42\n"));

        assertThat(failure.failure().getKind()).as(failure.getMessage()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
        assertThat(failure.failure().getExitCode()).isEqualTo(42);
        assertThat(failure.failure().getPlatform()).isEqualTo("linux/amd64");
        assertThat(failure.failure().getSource().getFile()).isEqualTo("Dockerfile");
        assertThat(failure.failure().getSource().getErrorStart()).isEqualTo(3);
        assertThat(failure.failure().getSource().getLinesList()).contains("RUN echo it broke; exit 42");
        assertThat(output()).contains("it broke");
    }

    @Test
    void solve_missingBaseImage_isTheUsers() {
        SolveFailure failure = failure(new MemoryFiles("FROM " + registry + "/lab/no-such-image:1\n", Map.of()));

        assertThat(failure.failure().getKind()).as(failure.getMessage()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
        assertThat(failure.getMessage()).contains("no-such-image").contains("not found");
    }

    @Test
    void solve_missingFile_isTheUsers() {
        SolveFailure failure = failure(dockerfile("COPY absent.txt /\n"));

        assertThat(failure.failure().getKind()).as(failure.getMessage()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
        assertThat(failure.getMessage()).contains("absent.txt");
    }

    @Test
    void solve_syntaxError_isTheUsers() {
        SolveFailure failure = failure(dockerfile("FETCH the paper\n"));

        assertThat(failure.failure().getKind()).as(failure.getMessage()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
        assertThat(failure.failure().getSource().getErrorStart()).isEqualTo(2);
    }

    @Test
    void solve_secret_isMountedAndOnlyWhenKnown() throws Exception {
        String step = "RUN --mount=type=secret,id=token,required=true wc -c < /run/secrets/token #" + UUID.randomUUID();
        SolveRequest known = new SolveRequest(
                AMD64,
                BuildSpec.getDefaultInstance(),
                List.of(),
                List.of(),
                List.of(Secret.newBuilder()
                        .setId("token")
                        .setValue(ByteString.copyFromUtf8("seventeen letters"))
                        .build()),
                dockerfile(step));

        engine.solve(known, heard::add);

        assertThat(output()).contains("17");
        SolveFailure failure = failure(dockerfile(step + "x"));
        assertThat(failure.failure().getKind()).as(failure.getMessage()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
        assertThat(failure.getMessage()).contains("secret token").contains("not found");
    }

    @Test
    void solve_registryWantsOtherCredentials_isAuthentication() throws Exception {
        try (LockedRegistry locked = new LockedRegistry()) {
            SolveRequest wrong = new SolveRequest(
                    AMD64,
                    BuildSpec.getDefaultInstance(),
                    List.of(locked.host() + "/engine/locked"),
                    List.of(RegistryCredential.newBuilder()
                            .setRegistry(locked.host())
                            .setUsername("builder")
                            .setPassword("wrong")
                            .build()),
                    List.of(),
                    dockerfile("ENV A=1\n"));

            SolveFailure failure = catchThrowableOfType(SolveFailure.class, () -> engine.solve(wrong, heard::add));

            assertThat(failure.failure().getKind())
                    .as(failure.getMessage())
                    .isEqualTo(FailureClass.FAILURE_CLASS_AUTHENTICATION);
            assertThat(failure.getMessage())
                    .contains("refused the credentials", "docker login " + locked.host())
                    .doesNotContain("wrong");
            assertThat(locked.askedWith()).contains("builder:wrong");
        }
    }

    @Test
    void solve_interrupted_endsTheStep() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        MemoryFiles files = dockerfile("RUN echo started " + UUID.randomUUID() + "; sleep 300\n");
        Thread build = Thread.ofVirtual().start(() -> {
            try {
                engine.solve(request(files, BuildSpec.getDefaultInstance(), "engine/cancel"), progress -> {
                    heard.add(progress);
                    if (progress.getLogsCount() > 0) {
                        running.countDown();
                    }
                });
            } catch (SolveFailure | InterruptedException | RuntimeException e) {
                thrown.set(e);
            }
            ended.countDown();
        });
        assertThat(running.await(60, TimeUnit.SECONDS)).isTrue();

        build.interrupt();

        assertThat(ended.await(4, TimeUnit.SECONDS)).isTrue();
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        assertThat(heard.stream().flatMap(progress -> progress.getVertexesList().stream()))
                .anyMatch(vertex -> vertex.getName().contains("sleep 300")
                        && vertex.hasCompleted()
                        && vertex.getError().contains("context canceled"));
    }

    private SolveFailure failure(ContextFiles files) {
        SolveFailure failure = catchThrowableOfType(
                SolveFailure.class,
                () -> engine.solve(request(files, BuildSpec.getDefaultInstance(), "engine/failing"), heard::add));
        assertThat(failure).isNotNull();
        return failure;
    }

    private SolveRequest request(ContextFiles files, BuildSpec spec, String repository) {
        return new SolveRequest(AMD64, spec, List.of(registry + "/" + repository), List.of(), List.of(), files);
    }

    private MemoryFiles dockerfile(String rest) {
        return new MemoryFiles(from(rest), Map.of());
    }

    private String from(String rest) {
        return "FROM " + registry + "/lab/busybox:1\n" + rest;
    }

    private String output() {
        return heard.stream()
                .flatMap(progress -> progress.getLogsList().stream())
                .map(VertexLog::getData)
                .reduce(ByteString.EMPTY, ByteString::concat)
                .toStringUtf8();
    }

    private int manifest(String repository, String digest) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create(
                                            "http://" + registry + "/v2/" + repository + "/manifests/" + digest))
                                    .header(
                                            "Accept",
                                            "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json")
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }
}
