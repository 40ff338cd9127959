package dev.sheaf.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sheaf.architecture.Lab;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.Progress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * BuildKit's own API on a socket and on a port, without Docker in between. The real BuildKit inside the lab's Docker
 * Engine is put there by a bridge; a buildkitd of its own, for which there is no Debian package, joins in at each of the
 * addresses in SHEAF_LAB_BUILDKITD (separated by commas).
 */
@Tag("lab")
final class StandaloneBuildKitTest {
    private static final Platform AMD64 =
            Platform.newBuilder().setOs("linux").setArchitecture("amd64").build();
    private static final String REPOSITORY = "engine/standalone";
    private static final List<Place> PLACES = findPlaces();

    @TempDir
    private Path directory;

    private final ConcurrentLinkedQueue<Progress> heard = new ConcurrentLinkedQueue<>();

    /** Where a BuildKit is to be met, and whose it is: a buildkitd's own address, or empty for the one in Docker. */
    record Place(String scheme, String buildkitd) {
        Bridge.Upstream upstream() {
            return buildkitd.isEmpty() ? Bridge.Upstream.docker(Lab.dockerHost()) : Bridge.Upstream.plain(buildkitd);
        }

        @Override
        public String toString() {
            return buildkitd.isEmpty() ? "the BuildKit in Docker Engine, bridged to " + scheme : buildkitd;
        }
    }

    static List<Place> places() {
        return PLACES;
    }

    private static List<Place> findPlaces() {
        List<Place> places = new ArrayList<>(List.of(new Place("unix", ""), new Place("tcp", "")));
        String addresses = System.getenv().getOrDefault("SHEAF_LAB_BUILDKITD", "");
        if (addresses.isBlank()) {
            System.err.println("no buildkitd of its own is tested: SHEAF_LAB_BUILDKITD is not set");
        } else {
            Arrays.stream(addresses.split(","))
                    .map(address -> new Place(URI.create(address).getScheme(), address))
                    .forEach(places::add);
        }
        return places;
    }

    @ParameterizedTest
    @MethodSource("places")
    void probe_saysWhoAnswersAndThatItIsFit(Place place) throws Exception {
        try (Bridge bridge = bridge(place);
                Engine engine = open(bridge)) {
            EngineReport report = engine.probe();

            assertThat(report.problem()).isEmpty();
            assertThat(report.facts().store()).isEqualTo(EngineReport.Store.NONE);
            assertThat(report.facts().docker()).isEmpty();
            assertThat(report.description()).startsWith("BuildKit ");
            assertThat(report.platforms()).contains(AMD64);
            assertThat(engine.answers()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("places")
    void solve_pushesByDigest(Place place) throws Exception {
        try (Bridge bridge = bridge(place);
                Engine engine = open(bridge)) {
            MemoryFiles files = new MemoryFiles(
                    "FROM " + Lab.busybox() + "\nCOPY a.txt /\nRUN echo got $(cat /a.txt)\n",
                    Map.of("a.txt", "a file " + UUID.randomUUID()));

            String digest = engine.solve(request(files), heard::add).digest();

            assertThat(digest).matches("sha256:[0-9a-f]{64}");
            assertThat(registryAnswers(digest)).isEqualTo(200);
            assertThat(heard.toString()).contains("got a file");
        }
    }

    @ParameterizedTest
    @MethodSource("places")
    void solve_failingStep_isTheUsers(Place place) throws Exception {
        try (Bridge bridge = bridge(place);
                Engine engine = open(bridge)) {
            MemoryFiles files = new MemoryFiles("FROM " + Lab.busybox() + "\nRUN exit 42\n", Map.of());

            SolveFailure failure =
                    catchThrowableOfType(SolveFailure.class, () -> engine.solve(request(files), heard::add));

            assertThat(failure.failure().getKind()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
            assertThat(failure.failure().getExitCode()).isEqualTo(42);
        }
    }

    @ParameterizedTest
    @MethodSource("places")
    void solve_interrupted_endsTheStep(Place place) throws Exception {
        try (Bridge bridge = bridge(place);
                Engine engine = open(bridge)) {
            Running running = start(engine);

            running.thread().interrupt();

            // A step that went on would take 300 s.
            assertThat(running.end().get(60, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
            assertThat(heard.stream().flatMap(progress -> progress.getVertexesList().stream()))
                    .anyMatch(vertex -> vertex.getName().contains("sleep 300")
                            && vertex.hasCompleted()
                            && vertex.getError().contains("context canceled"));
        }
    }

    @ParameterizedTest
    @MethodSource("places")
    void engineGoesAway_itsBuildFails_andItIsUsedAgainWhenItIsBack(Place place) throws Exception {
        Bridge first = bridge(place);
        SocketAddress address = first.address();
        try (first;
                Engine engine = open(first)) {
            assertThat(engine.probe().problem()).isEmpty();
            Running running = start(engine);

            first.die();

            assertThat(running.end().get(60, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            SolveFailure.class,
                            failure -> assertThat(failure.failure().getKind())
                                    .isEqualTo(FailureClass.FAILURE_CLASS_INFRASTRUCTURE));
            assertThat(engine.answers()).isFalse();
            assertThat(engine.probe().problem())
                    .contains(
                            place.scheme().equals("unix") ? "there is no such socket" : "nobody listens there",
                            "; start the engine");

            try (Bridge second = new Bridge(place.upstream(), address)) {
                assertThat(second.address()).isEqualTo(address);
                assertThat(engine.probe().problem()).isEmpty();
                MemoryFiles files = new MemoryFiles("FROM " + Lab.busybox() + "\nENV BACK=1\n", Map.of());
                assertThat(engine.solve(request(files), heard::add).digest()).startsWith("sha256:");
            }
        }
    }

    /** A build whose step runs, and how it ends. */
    private record Running(Thread thread, FutureTask<Throwable> end) {}

    private Running start(Engine engine) throws InterruptedException {
        MemoryFiles files = new MemoryFiles(
                "FROM " + Lab.busybox() + "\nRUN echo started " + UUID.randomUUID() + "; sleep 300\n", Map.of());
        CountDownLatch step = new CountDownLatch(1);
        FutureTask<Throwable> end = new FutureTask<>(() -> {
            try {
                engine.solve(request(files), progress -> {
                    heard.add(progress);
                    if (progress.getLogsCount() > 0) {
                        step.countDown();
                    }
                });
                return new AssertionError("the build succeeded");
            } catch (SolveFailure | InterruptedException | RuntimeException e) {
                return e;
            }
        });
        Thread thread = Thread.ofVirtual().start(end);
        assertThat(step.await(120, TimeUnit.SECONDS)).isTrue();
        return new Running(thread, end);
    }

    private Bridge bridge(Place place) throws IOException {
        return new Bridge(
                place.upstream(),
                place.scheme().equals("unix")
                        ? UnixDomainSocketAddress.of(directory.resolve("b.sock"))
                        : new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
    }

    private static Engine open(Bridge bridge) throws IOException {
        String address = switch (bridge.address()) {
            case UnixDomainSocketAddress unix -> "unix://" + unix;
            default -> "tcp://127.0.0.1:" + bridge.port();
        };
        return Engines.open(address, Set.of(), Engines.Patience.STANDARD, UUID::randomUUID);
    }

    private static SolveRequest request(MemoryFiles files) {
        return new SolveRequest(
                AMD64,
                // An engine takes a file of the same context, size and time for the one that it has.
                BuildSpec.newBuilder()
                        .setContextKey(UUID.randomUUID().toString())
                        .build(),
                List.of(Lab.registry() + "/" + REPOSITORY),
                List.of(),
                List.of(),
                files);
    }

    private static int registryAnswers(String digest) throws IOException, InterruptedException {
        URI manifest = URI.create("http://" + Lab.registry() + "/v2/" + REPOSITORY + "/manifests/" + digest);
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(manifest)
                                    .header(
                                            "Accept",
                                            "application/vnd.oci.image.manifest.v1+json,"
                                                    + " application/vnd.oci.image.index.v1+json")
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }
}
