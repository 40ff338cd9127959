package dev.sheaf.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sheaf.architecture.Lab;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.Progress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A real buildkitd, on each of the addresses in SHEAF_LAB_BUILDKITD (separated by commas). No Debian package holds one,
 * so the lab does not start it; without the variable, {@link BuildKitEngineTest} at least speaks its protocol with the
 * BuildKit inside Docker Engine.
 */
@Tag("lab")
final class StandaloneBuildKitTest {
    private static final Platform AMD64 =
            Platform.newBuilder().setOs("linux").setArchitecture("amd64").build();

    private final ConcurrentLinkedQueue<Progress> heard = new ConcurrentLinkedQueue<>();

    @Test
    void probeAndSolve_onEachAddress_pushByDigest() throws Exception {
        for (String address : addresses()) {
            try (Engine engine = Engines.open(address, Set.of(), Engines.Patience.STANDARD, UUID::randomUUID)) {
                EngineReport report = engine.probe();
                assertThat(report.problem()).isEmpty();
                assertThat(report.description()).matches("BuildKit v\\d+\\.\\d+.*");
                assertThat(engine.answers()).isTrue();

                MemoryFiles files = new MemoryFiles(
                        "FROM " + Lab.busybox() + "\nCOPY a.txt /\nRUN echo got $(cat /a.txt)\n",
                        Map.of("a.txt", "a file " + UUID.randomUUID()));
                String digest = engine.solve(request(files), heard::add).digest();

                assertThat(digest).matches("sha256:[0-9a-f]{64}");
                assertThat(heard.toString()).contains("got a file");
            }
        }
    }

    @Test
    void solve_failingStep_isTheUsers() {
        for (String address : addresses()) {
            try (Engine engine = Engines.open(address, Set.of(), Engines.Patience.STANDARD, UUID::randomUUID)) {
                MemoryFiles files = new MemoryFiles("FROM " + Lab.busybox() + "\nRUN exit 42\n", Map.of());

                SolveFailure failure =
                        catchThrowableOfType(SolveFailure.class, () -> engine.solve(request(files), heard::add));

                assertThat(failure.failure().getKind()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
                assertThat(failure.failure().getExitCode()).isEqualTo(42);
            }
        }
    }

    private static List<String> addresses() {
        String addresses = System.getenv().getOrDefault("SHEAF_LAB_BUILDKITD", "");
        Assumptions.assumeFalse(
                addresses.isBlank(), "SHEAF_LAB_BUILDKITD names no buildkitd, and no package holds one");
        return List.of(addresses.split(","));
    }

    private static SolveRequest request(MemoryFiles files) {
        return new SolveRequest(
                AMD64,
                BuildSpec.getDefaultInstance(),
                List.of(Lab.registry() + "/engine/standalone"),
                List.of(),
                List.of(),
                files);
    }
}
