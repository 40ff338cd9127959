package dev.sheaf.agent.slice.smoke;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.sheaf.agent.FakeEngine;
import dev.sheaf.agent.engine.Engine;
import dev.sheaf.agent.engine.EngineReport;
import dev.sheaf.agent.engine.SolveFailure;
import dev.sheaf.agent.engine.SolveListener;
import dev.sheaf.agent.engine.SolveRequest;
import dev.sheaf.agent.engine.SolveResult;
import dev.sheaf.agent.engine.session.ContextFiles;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.Failure;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.FileEntry;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.RegistryCredential;
import dev.sheaf.v1.Smoke;
import dev.sheaf.v1.SourceExcerpt;
import dev.sheaf.v1.Vertex;
import dev.sheaf.v1.VertexLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An engine that reports as BuildKit does, and fails as it does. */
@Timeout(30)
final class SmokeTestTest {
    private static final String STEP = "[2/2] RUN [\"app\",\"--version\"]";

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final List<SolveRequest> solved = new ArrayList<>();
    private final List<Progress> shown = new ArrayList<>();

    /** What an engine does with the step. */
    @FunctionalInterface
    private interface Solve {
        SolveResult solve(SolveListener listener) throws SolveFailure, InterruptedException;
    }

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    @Test
    void run_theStep_isTheOnlyThingShown_underANameForUsers() throws Exception {
        test(listener -> {
            listener.progress(Progress.newBuilder()
                    .addVertexes(vertex("other", "[internal] load build definition from Dockerfile"))
                    .addVertexes(vertex("step", STEP))
                    .addLogs(log("other", "noise"))
                    .addLogs(log("step", "1.2.3\n"))
                    .build());
            return new SolveResult(FakeEngine.DIGEST);
        });

        assertThat(shown).singleElement().satisfies(progress -> {
            assertThat(progress.getVertexesList())
                    .extracting(Vertex::getName)
                    .containsExactly("[smoke test] app --version");
            assertThat(progress.getLogsList())
                    .extracting(log -> log.getData().toStringUtf8())
                    .containsExactly("1.2.3\n");
        });
        SolveRequest request = solved.getFirst();
        assertThat(request.repositories()).isEmpty();
        assertThat(request.spec().getNoCache()).isTrue();
        assertThat(request.isOffline()).isTrue();
        assertThat(request.files().context()).isEmpty();
        assertThat(dockerfile(request))
                .isEqualTo("FROM registry.example/app@" + FakeEngine.DIGEST + "\nRUN [\"app\",\"--version\"]\n");
    }

    @Test
    void run_nothingAskedFor_orNothingPushed_solvesNothing() throws Exception {
        SmokeTest smoke = new SmokeTest(engine(_ -> new SolveResult("x")), "a1", timer);
        smoke.run(request(BuildSpec.getDefaultInstance(), List.of("r/app")), FakeEngine.DIGEST, shown::add);
        smoke.run(request(spec(60), List.of()), FakeEngine.DIGEST, shown::add);
        assertThat(solved).isEmpty();
    }

    @Test
    void run_exitCode_isTheUsersFailureWithTheLastLines() {
        assertThatThrownBy(() -> test(listener -> {
                    started(listener);
                    listener.progress(Progress.newBuilder()
                            .addLogs(log("step", "1\n2\n3\n4\n5\n6\u001b[31mred\u0007\n"))
                            .build());
                    throw failure(FailureClass.FAILURE_CLASS_USER, "did not complete successfully: exit code: 3", 3);
                }))
                .isInstanceOfSatisfying(SolveFailure.class, e -> {
                    assertThat(e.failure().getKind()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
                    assertThat(e.failure().getExitCode()).isEqualTo(3);
                    assertThat(e.failure().getPlatform()).isEqualTo("linux/amd64");
                    assertThat(e.failure().getMessage())
                            .isEqualTo(
                                    "the smoke test failed on agent a1: \"app --version\" ended with exit code 3; its"
                                            + " last output: \"2\" \"3\" \"4\" \"5\" \"6 [31mred\"; no tag was moved");
                });
    }

    @Test
    void run_hangs_isInterruptedAfterItsTime_andTheThreadIsFreeAgain() {
        CountDownLatch never = new CountDownLatch(1);
        assertThatThrownBy(() -> test(1, listener -> {
                    started(listener);
                    never.await();
                    return new SolveResult("x");
                }))
                .isInstanceOfSatisfying(SolveFailure.class, e -> {
                    assertThat(e.failure().getKind()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
                    assertThat(e.failure().getMessage()).contains("still ran after 1 s and was stopped");
                });
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void run_stoppedByTheFarm_isNotTheUsersFailure() {
        assertThatThrownBy(() -> test(listener -> {
                    started(listener);
                    throw new InterruptedException("taken back");
                }))
                .isInstanceOf(InterruptedException.class);
    }

    @Test
    void run_imageCannotBePulled_isNotTheUsersFailure() {
        assertThatThrownBy(() -> test(_ -> {
                    throw failure(FailureClass.FAILURE_CLASS_USER, "registry.example/app: not found", 0);
                }))
                .isInstanceOfSatisfying(SolveFailure.class, e -> {
                    assertThat(e.failure().getKind()).isEqualTo(FailureClass.FAILURE_CLASS_INFRASTRUCTURE);
                    assertThat(e.failure().getMessage())
                            .isEqualTo("the smoke test could not be run: registry.example/app: not found");
                });
    }

    @Test
    void run_programIsNotThere_isTheUsersFailure() {
        assertThatThrownBy(() -> test(listener -> {
                    started(listener);
                    throw failure(
                            FailureClass.FAILURE_CLASS_INFRASTRUCTURE,
                            "runc run failed: unable to start container process: exec: \"app\": permission denied",
                            0);
                }))
                .isInstanceOfSatisfying(SolveFailure.class, e -> {
                    assertThat(e.failure().getKind()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
                    assertThat(e.failure().getMessage())
                            .contains("\"app --version\" could not be started: exec: \"app\": permission denied;");
                });
    }

    @Test
    void run_programIsNotThere_saidByTheEngineInTheProgramsPlace_isToldAsThat() {
        assertThatThrownBy(() -> test(listener -> {
                    started(listener);
                    listener.progress(Progress.newBuilder()
                            .addLogs(log(
                                    "step", "runc run failed: unable to start container process: exec: \"app\": x\n"))
                            .build());
                    throw failure(FailureClass.FAILURE_CLASS_USER, "did not complete successfully: exit code: 1", 1);
                }))
                .isInstanceOfSatisfying(
                        SolveFailure.class,
                        e -> assertThat(e.failure().getMessage())
                                .contains("\"app --version\" could not be started: exec: \"app\": x; name a program"));
    }

    /** Rings as soon as the command is started; notes after how many milliseconds it was to ring. */
    private static final class Ringing extends ScheduledThreadPoolExecutor {
        private final List<Long> delays = new ArrayList<>();

        Ringing() {
            super(1);
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable ring, long delay, TimeUnit unit) {
            delays.add(unit.toMillis(delay));
            ring.run();
            return super.schedule(() -> {}, 0, TimeUnit.MILLISECONDS);
        }
    }

    @Test
    void run_timeIsOver_whateverTheEngineMakesOfIt_isTheUsersFailure() {
        List<Solve> engines = List.of(
                listener -> {
                    started(listener);
                    return new SolveResult("x"); // and did not see the interruption
                },
                listener -> {
                    started(listener);
                    throw failure(FailureClass.FAILURE_CLASS_INFRASTRUCTURE, "the call was cancelled", 0);
                },
                listener -> {
                    started(listener);
                    throw new InterruptedException();
                });
        BuildSpec usual = BuildSpec.newBuilder()
                .setSmoke(Smoke.newBuilder().addCommand("app"))
                .build();
        for (Solve engine : engines) {
            Ringing ringing = new Ringing();
            assertThatThrownBy(() -> new SmokeTest(engine(engine), "a1", ringing)
                            .run(request(usual, List.of("r/app")), FakeEngine.DIGEST, shown::add))
                    .isInstanceOfSatisfying(SolveFailure.class, e -> {
                        assertThat(e.failure().getKind()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
                        assertThat(e.failure().getMessage()).contains("\"app\" still ran after 60 s and was stopped");
                    });
            assertThat(ringing.delays).containsExactly(60_000L);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            ringing.shutdownNow();
        }
    }

    @Test
    void run_exitCodeBeforeTheCommandWasStarted_isNotTheCommands() {
        assertThatThrownBy(() -> test(_ -> {
                    throw new SolveFailure(
                            failure(FailureClass.FAILURE_CLASS_USER, "a program of the engine: exit code: 2", 2)
                                    .failure()
                                    .toBuilder()
                                    .setSource(SourceExcerpt.newBuilder().setFile("Dockerfile"))
                                    .build());
                }))
                .isInstanceOfSatisfying(SolveFailure.class, e -> {
                    assertThat(e.failure().getKind()).isEqualTo(FailureClass.FAILURE_CLASS_INFRASTRUCTURE);
                    assertThat(e.failure().getMessage()).startsWith("the smoke test could not be run: ");
                    assertThat(e.failure().hasSource())
                            .as("of a Dockerfile that the user has never seen")
                            .isFalse();
                });
    }

    @Test
    void run_wordsThatAShellOrAnEngineWouldRead_areTheProgramsOwn() throws Exception {
        solve(List.of("sh", "-c", "cat <<E; echo 'x'", "a\tb", ""), FakeEngine.AMD64, List.of());
        assertThat(dockerfile(solved.getFirst()))
                .endsWith("\nRUN [\"sh\",\"-c\",\"cat \\u003c\\u003cE; echo 'x'\",\"a\\tb\",\"\"]\n");
        assertThat(shown.getFirst().getVertexes(0).getName())
                .isEqualTo("[smoke test] sh -c 'cat <<E; echo '\\''x'\\''' 'a b' ''");
    }

    @Test
    void run_eachStepHasAKeyOfItsOwn_andTheBuildsLogins() throws Exception {
        List<RegistryCredential> logins = List.of(
                RegistryCredential.newBuilder().setRegistry("registry.example").build());
        solve(List.of("a"), FakeEngine.AMD64, logins);
        solve(List.of("a"), FakeEngine.AMD64, logins);
        solve(List.of("b"), FakeEngine.AMD64, logins);
        List<String> keys =
                solved.stream().map(request -> request.spec().getContextKey()).toList();
        assertThat(keys.get(0)).startsWith("smoke-").isEqualTo(keys.get(1)).isNotEqualTo(keys.get(2));
        assertThat(solved).allMatch(request -> request.credentials().equals(logins));
    }

    @Test
    void run_killedOnAVariant_namesIt_andHintsAtMemory() {
        Platform arm = FakeEngine.platform("arm").toBuilder().setVariant("v7").build();
        assertThatThrownBy(() -> solve(List.of("greedy"), arm, List.of()))
                .hasMessageContaining("ended with exit code 137 (killed, most often for want of memory)")
                .isInstanceOfSatisfying(
                        SolveFailure.class,
                        e -> assertThat(e.failure().getPlatform()).isEqualTo("linux/arm/v7"));
    }

    /** On an engine that starts the command, which succeeds unless it is "greedy". */
    private void solve(List<String> command, Platform platform, List<RegistryCredential> logins) throws Exception {
        BuildSpec spec = BuildSpec.newBuilder()
                .setSmoke(Smoke.newBuilder().addAllCommand(command))
                .build();
        Engine engine = engine(listener -> {
            started(listener);
            if (command.contains("greedy")) {
                throw failure(FailureClass.FAILURE_CLASS_USER, "exit code: 137", 137);
            }
            return new SolveResult("x");
        });
        new SmokeTest(engine, "a1", timer)
                .run(
                        new SolveRequest(platform, spec, List.of("r/app"), logins, List.of(), ContextFiles.none()),
                        FakeEngine.DIGEST,
                        shown::add);
    }

    private static String dockerfile(SolveRequest request) throws Exception {
        List<FileEntry> files = request.files().dockerfile();
        assertThat(files).extracting(FileEntry::getPath).containsExactly("Dockerfile");
        StringBuilder text = new StringBuilder();
        AtomicInteger ended = new AtomicInteger();
        request.files().read(files, new ContextFiles.Sink() {
            @Override
            public void data(int index, ByteString piece) {
                text.append(piece.toStringUtf8());
            }

            @Override
            public void end(int index) {
                ended.incrementAndGet();
            }
        });
        assertThat(ended).hasValue(1);
        assertThat(files.getFirst().getSize()).isEqualTo(text.length());
        return text.toString();
    }

    private static void started(SolveListener listener) {
        listener.progress(
                Progress.newBuilder().addVertexes(vertex("step", STEP)).build());
    }

    private static Vertex vertex(String digest, String name) {
        return Vertex.newBuilder()
                .setDigest(digest)
                .setName(name)
                .setStarted(Timestamp.newBuilder().setSeconds(1))
                .build();
    }

    private static VertexLog log(String step, String text) {
        return VertexLog.newBuilder()
                .setVertex(step)
                .setData(ByteString.copyFromUtf8(text))
                .build();
    }

    private static SolveFailure failure(FailureClass kind, String message, int exitCode) {
        return new SolveFailure(Failure.newBuilder()
                .setKind(kind)
                .setMessage(message)
                .setExitCode(exitCode)
                .setPlatform("linux/amd64")
                .build());
    }

    private void test(Solve solve) throws SolveFailure, InterruptedException {
        test(60, solve);
    }

    private void test(int seconds, Solve solve) throws SolveFailure, InterruptedException {
        new SmokeTest(engine(solve), "a1", timer)
                .run(request(spec(seconds), List.of("registry.example/app")), FakeEngine.DIGEST, shown::add);
    }

    private static BuildSpec spec(int seconds) {
        return BuildSpec.newBuilder()
                .setSmoke(Smoke.newBuilder()
                        .addAllCommand(List.of("app", "--version"))
                        .setTimeout(Duration.newBuilder().setSeconds(seconds)))
                .build();
    }

    private static SolveRequest request(BuildSpec spec, List<String> repositories) {
        return new SolveRequest(FakeEngine.AMD64, spec, repositories, List.of(), List.of(), ContextFiles.none());
    }

    private Engine engine(Solve solve) {
        return new Engine() {
            @Override
            public EngineReport probe() {
                throw new UnsupportedOperationException();
            }

            @Override
            public boolean answers() {
                return true;
            }

            @Override
            public SolveResult solve(SolveRequest request, SolveListener listener)
                    throws SolveFailure, InterruptedException {
                solved.add(request);
                return solve.solve(listener);
            }

            @Override
            public void close() {
                // Nothing to close.
            }
        };
    }
}
