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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What every engine does, whichever it is: each on the real thing. */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class EngineContractTest {
    static final Platform AMD64 =
            Platform.newBuilder().setOs("linux").setArchitecture("amd64").build();

    /** Of a step that went on, or a call that nobody ended, it would be minutes. */
    private static final Duration SOON = Duration.ofSeconds(60);

    /** A look at an engine that hangs takes two answers' time. */
    private static final Duration LOOK = Engines.Patience.STANDARD.answer().multipliedBy(3);

    final ConcurrentLinkedQueue<Progress> heard = new ConcurrentLinkedQueue<>();
    Site site;
    Engine engine;

    /** The real thing, and how to break it. */
    interface Site {
        Engine open() throws Exception;

        /** As kill -9 does, in the middle of whatever it does. */
        void kill() throws Exception;

        /** After it was killed. */
        void startAgain() throws Exception;

        /** Takes connections and says nothing. */
        void hang() throws Exception;

        /** After it hung. */
        void goOn() throws Exception;

        /** For good. */
        void leave() throws Exception;
    }

    /** A site of this test's own. */
    abstract Site site() throws Exception;

    /** How it describes itself. */
    abstract String describedAs();

    abstract EngineReport.Store store();

    /** Whether it says which lines of the Dockerfile failed; Docker Engine 20.10 does not. */
    boolean showsLines() {
        return true;
    }

    @BeforeAll
    void settle() throws Exception {
        site = site();
    }

    @AfterAll
    void leave() throws Exception {
        if (site != null) {
            site.leave();
        }
    }

    @BeforeEach
    void open() throws Exception {
        heard.clear();
        engine = site.open();
    }

    @AfterEach
    void close() {
        if (engine != null) {
            engine.close();
        }
    }

    @Test
    void probe_saysWhoAnswersAndThatItIsFit() throws Exception {
        EngineReport report = engine.probe();

        assertThat(report.problem()).isEmpty();
        assertThat(report.description()).contains(describedAs());
        assertThat(report.facts().store()).isEqualTo(store());
        assertThat(report.degraded().isEmpty()).isEqualTo(store() != EngineReport.Store.CLASSIC);
        assertThat(report.platforms()).contains(AMD64);
        assertThat(engine.answers()).isTrue();
    }

    @Test
    void solve_pushesToEachRepository_andReadsOnlyWhatIsNeeded() throws Exception {
        MemoryFiles files = new MemoryFiles(
                from("ARG GREETING\nCOPY hello.txt /hello.txt\nRUN echo \"$GREETING from $(cat /hello.txt)\"\n"),
                Map.of("hello.txt", "a file " + UUID.randomUUID(), "unasked.bin", "x".repeat(100_000)));
        BuildSpec spec = spec().putBuildArgs("GREETING", "good day").build();
        String first = Lab.registry() + "/contract/one";
        String second = Lab.registry() + "/contract/two";

        String digest = engine.solve(
                        new SolveRequest(AMD64, spec, List.of(first, second), List.of(), List.of(), files), heard::add)
                .digest();

        assertThat(digest).matches("sha256:[0-9a-f]{64}");
        assertThat(Manifests.status(first, digest)).isEqualTo(200);
        assertThat(Manifests.status(second, digest)).isEqualTo(200);
        assertThat(output()).contains("good day from a file");
        assertThat(files.read).contains("Dockerfile", "hello.txt").doesNotContain("unasked.bin");
    }

    @Test
    void solve_withoutRepository_buildsOnly() throws Exception {
        SolveRequest request = new SolveRequest(
                AMD64,
                spec().build(),
                List.of(),
                List.of(),
                List.of(),
                files("RUN echo built # " + UUID.randomUUID() + "\n"));

        assertThat(engine.solve(request, heard::add).digest()).matches("sha256:[0-9a-f]{64}");

        assertThat(output()).contains("built");
    }

    @Test
    void solve_fileThatNobodyHas_isWhoseItIs() {
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
    void solve_failingStep_isTheUsersWithItsExitCode() {
        SolveFailure failure = failure(files("ENV A=1\nRUN echo it broke; exit 42\n"));

        assertThat(failure.failure().getKind()).as(failure.getMessage()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
        assertThat(failure.failure().getExitCode()).isEqualTo(42);
        assertThat(failure.failure().getPlatform()).isEqualTo("linux/amd64");
        assertThat(failure.getMessage()).contains("exit 42");
        assertThat(output()).contains("it broke");
        if (showsLines()) {
            assertThat(failure.failure().getSource().getFile()).isEqualTo("Dockerfile");
            assertThat(failure.failure().getSource().getErrorStart()).isEqualTo(3);
            assertThat(failure.failure().getSource().getLinesList()).contains("RUN echo it broke; exit 42");
        }
    }

    @Test
    void solve_mistakesInTheDockerfile_areTheUsers() {
        SolveFailure base = failure(new MemoryFiles("FROM " + Lab.registry() + "/lab/no-such-image:1\n", Map.of()));
        assertThat(base.failure().getKind()).as(base.getMessage()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
        assertThat(base.getMessage()).contains("no-such-image").contains("not found");

        SolveFailure file = failure(files("COPY absent.txt /\n"));
        assertThat(file.failure().getKind()).as(file.getMessage()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
        assertThat(file.getMessage()).contains("absent.txt");

        SolveFailure syntax = failure(files("FETCH the paper\n"));
        assertThat(syntax.failure().getKind()).as(syntax.getMessage()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
        assertThat(syntax.getMessage()).containsIgnoringCase("fetch");
    }

    @Test
    void solve_secret_isMountedAndOnlyWhenKnown() throws Exception {
        String step = "RUN --mount=type=secret,id=token,required=true wc -c < /run/secrets/token #" + UUID.randomUUID();
        Secret token = Secret.newBuilder()
                .setId("token")
                .setValue(ByteString.copyFromUtf8("seventeen letters"))
                .build();

        engine.solve(
                new SolveRequest(AMD64, spec().build(), List.of(), List.of(), List.of(token), files(step)), heard::add);

        assertThat(output()).contains("17");
        SolveFailure failure = failure(files(step + "x"));
        assertThat(failure.failure().getKind()).as(failure.getMessage()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
        assertThat(failure.getMessage()).contains("secret token").contains("not found");
    }

    @Test
    void solve_registryWantsOtherCredentials_isAuthentication() throws Exception {
        try (LockedRegistry locked = new LockedRegistry()) {
            SolveRequest wrong = new SolveRequest(
                    AMD64,
                    spec().build(),
                    List.of(locked.host() + "/engine/locked"),
                    List.of(RegistryCredential.newBuilder()
                            .setRegistry(locked.host())
                            .setUsername("builder")
                            .setPassword("wrong")
                            .build()),
                    List.of(),
                    files("ENV A=1\n"));

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
        RunningBuild running = start();

        running.thread().interrupt();

        assertThat(running.end().get(SOON.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        assertThat(heard.stream().flatMap(progress -> progress.getVertexesList().stream()))
                .anyMatch(vertex -> vertex.getName().contains("sleep 300")
                        && vertex.hasCompleted()
                        && !vertex.getError().isEmpty());
    }

    @Test
    void engineKilledInMidBuild_buildFailsAsOurs_andItIsUsedAgainWhenItIsBack() throws Exception {
        assertThat(engine.probe().problem()).isEmpty();
        RunningBuild running = start();
        long killed;
        try {
            killed = System.nanoTime();
            site.kill();

            assertOurs(running);
            report("killed", killed, running.endedAt().get());
            assertThat(engine.answers()).isFalse();
        } finally {
            site.startAgain();
        }
        awaitFit(engine);
        assertThat(running.isStepAlive()).as("the killed engine's step goes on").isFalse();
        assertThat(engine.solve(request(files("ENV BACK=1\n")), heard::add).digest())
                .startsWith("sha256:");
    }

    @Test
    void engineHangs_isSeen_itsBuildFailsAsOurs_andItIsUsedAgainWhenItGoesOn() throws Exception {
        assertThat(engine.probe().problem()).isEmpty();
        RunningBuild running = start();
        long hung = System.nanoTime();
        site.hang();
        try {
            assertThat(engine.answers()).isFalse();
            EngineReport report = engine.probe();

            assertThat(report.problem()).contains("the engine hangs");
            assertThat(Duration.ofNanos(System.nanoTime() - hung)).isLessThan(LOOK);
            assertOurs(running);
            report("hung", hung, running.endedAt().get());
        } finally {
            site.goOn();
        }
        awaitFit(engine);
        assertThat(engine.solve(request(files("ENV WELL=1\n")), heard::add).digest())
                .startsWith("sha256:");
    }

    private static void assertOurs(RunningBuild running) throws Exception {
        assertThat(running.end().get(SOON.toSeconds(), TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        SolveFailure.class,
                        failure -> assertThat(failure.failure().getKind())
                                .as(failure.getMessage())
                                .isEqualTo(FailureClass.FAILURE_CLASS_INFRASTRUCTURE));
    }

    /** For the documents; nothing depends on it. */
    private void report(String what, long since, long end) {
        System.err.printf(
                "%s: %s, its build ended %.3f s later%n", getClass().getSimpleName(), what, (end - since) / 1e9);
    }

    /** As the agent looks: every three seconds. */
    private static void awaitFit(Engine engine) throws InterruptedException {
        String problem = engine.probe().problem();
        for (int looks = 0; looks < 30 && !problem.isEmpty(); looks++) {
            Thread.sleep(1_000);
            problem = engine.probe().problem();
        }
        assertThat(problem).isEmpty();
    }

    private RunningBuild start() throws IOException, InterruptedException {
        String mark = UUID.randomUUID().toString();
        return RunningBuild.start(
                engine, request(files("RUN echo started " + mark + "; sleep 300; true\n")), mark, heard::add);
    }

    SolveFailure failure(ContextFiles files) {
        SolveFailure failure = catchThrowableOfType(SolveFailure.class, () -> engine.solve(request(files), heard::add));
        assertThat(failure).isNotNull();
        return failure;
    }

    SolveRequest request(ContextFiles files) {
        return new SolveRequest(
                AMD64, spec().build(), List.of(Lab.registry() + "/contract/one"), List.of(), List.of(), files);
    }

    /** An engine takes a file of the same context, size and time for the one that it has. */
    static BuildSpec.Builder spec() {
        return BuildSpec.newBuilder().setContextKey(UUID.randomUUID().toString());
    }

    static MemoryFiles files(String rest) {
        return new MemoryFiles(from(rest), Map.of());
    }

    static String from(String rest) {
        return "FROM " + Lab.busybox() + "\n" + rest;
    }

    String output() {
        return heard.stream()
                .flatMap(progress -> progress.getLogsList().stream())
                .map(VertexLog::getData)
                .reduce(ByteString.EMPTY, ByteString::concat)
                .toStringUtf8();
    }
}
