package dev.sheaf.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Container;
import dev.sheaf.agent.engine.channel.EngineAddress;
import dev.sheaf.agent.engine.docker.DockerSocket;
import dev.sheaf.agent.engine.supervised.SupervisedBuildKit;
import dev.sheaf.architecture.Lab;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A BuildKit that the agent runs in a container of Docker Engine 20.10, with the stand-in of {@link SupervisedBuildKitTest}.
 * That engine gives a privileged container each capability that the kernel knows. Where root lacks one, as in many
 * sandboxes, it cannot start any; then it is shown a kernel that knows those below the lacking one only.
 */
@Tag("lab")
final class SupervisedOnOldDockerTest {
    private static final String IMAGE = "sheaf-test/stand-in:1";
    private static final Path LAST_CAPABILITY = Path.of("/proc/sys/kernel/cap_last_cap");

    private LabEngine docker;
    private Bridge upstream;

    @BeforeEach
    void start() throws Exception {
        docker = LabEngine.start("t-super-old", "--old");
        Files.createDirectories(directory());
        upstream = new Bridge(
                Bridge.Upstream.docker(Lab.dockerHost()),
                UnixDomainSocketAddress.of(directory().resolve("upstream.sock")));
        StandIn.build(docker.address(), IMAGE);
    }

    @AfterEach
    void stop() throws Exception {
        upstream.close();
        docker.stop();
    }

    @Test
    void buildsAndIsMended_orSaysInWordsWhyItCannot() throws Exception {
        // By lines: this file gives all of itself to the first read, and readString begins with a single byte.
        int known = Integer.parseInt(Files.readAllLines(LAST_CAPABILITY).getFirst());
        int lacking = Long.numberOfTrailingZeros(~capabilities());
        if (lacking <= known) {
            try (Engine refused = open()) {
                assertThat(refused.probe().problem())
                        .contains("Docker Engine 20.10", "cannot start a privileged container", "unable to apply caps")
                        .endsWith("; update Docker to 23 or newer, or run the agent where root lacks no capability");
            }
            showFewerCapabilities(lacking - 1);
        }
        try (DockerClient client = client()) {
            try (Engine engine = open()) {
                assertBuildsAndIsMended(engine, client);
            }
            assertThat(ours(client)).isEmpty();
        }
    }

    private static void assertBuildsAndIsMended(Engine engine, DockerClient client) throws Exception {
        EngineReport report = engine.probe();
        assertThat(report.problem()).isEmpty();
        assertThat(report.description()).contains("in a container of Docker Engine 20.10.");
        assertThat(report.degraded()).isEmpty();
        assertThat(solve(engine)).startsWith("sha256:");

        client.killContainerCmd(only(client).getId()).exec();
        assertThat(engine.probe().problem()).isEmpty();
        assertThat(solve(engine)).startsWith("sha256:");
    }

    private static long capabilities() throws Exception {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("CapBnd:"))
                .map(line -> Long.parseLong(line.substring(line.indexOf('\t') + 1), 16))
                .findFirst()
                .orElseThrow();
    }

    /** The engine and its runc read it when they start. */
    private void showFewerCapabilities(int last) throws Exception {
        Path file = Files.writeString(docker.directory().resolve("last-capability"), last + "\n");
        docker.inItsNamespace("/bin/busybox", "mount", "-o", "bind", file.toString(), LAST_CAPABILITY.toString());
        docker.kill();
        docker.startAgain();
    }

    private static String solve(Engine engine) throws Exception {
        return engine.solve(
                        new SolveRequest(
                                EngineContractTest.AMD64,
                                EngineContractTest.spec().build(),
                                List.of(Lab.registry() + "/contract/old"),
                                List.of(),
                                List.of(),
                                EngineContractTest.files("RUN true\n")),
                        _ -> {})
                .digest();
    }

    private Path directory() {
        return docker.directory().resolve("b");
    }

    private Engine open() {
        return SupervisedBuildKit.open(
                docker.address(),
                new SupervisedBuildKit.Wish(
                        IMAGE, TestEngines.OWNER.name(), directory(), Optional.of("sheaf-test"), Set.of()),
                Engines.Patience.STANDARD,
                TestEngines.OWNER);
    }

    private static Container only(DockerClient client) {
        assertThat(ours(client)).hasSize(1);
        return ours(client).getFirst();
    }

    private static List<Container> ours(DockerClient client) {
        return client.listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(List.of("dev.sheaf.buildkit=" + TestEngines.OWNER.name()))
                .exec();
    }

    private DockerClient client() {
        return DockerSocket.open(
                EngineAddress.parse(docker.address()).path(),
                Duration.ofSeconds(10),
                Optional.of(Duration.ofMinutes(1)));
    }
}
