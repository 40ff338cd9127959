package dev.sheaf.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import org.junit.jupiter.api.Test;

/**
 * A BuildKit that the agent runs in a container of Docker Engine  No Debian package holds a buildkitd and nothing
 * is pulled, so the program in the container is a stand-in that leads to the real BuildKit of another engine: container,
 * socket and supervision are real, and so is what builds, but not that it builds in there.
 */
final class SupervisedBuildKitTest extends EngineContractTest {
    private static final String IMAGE = "sheaf-test/stand-in:1";
    private static final String OWNER = TestEngines.OWNER.name();

    @Override
    Site site() throws Exception {
        return new ContainerSite(LabEngine.start("t-supervisor", "--classic"));
    }

    private LabEngine docker() {
        return ((ContainerSite) site).docker;
    }

    @Override
    String describedAs() {
        return "in a container of Docker Engine ";
    }

    @Override
    EngineReport.Store store() {
        return EngineReport.Store.NONE;
    }

    /** Breaks the container, and leaves it to the supervisor to mend. */
    private static final class ContainerSite implements Site {
        private final LabEngine docker;
        private final Path directory;
        private final Bridge upstream;

        ContainerSite(LabEngine docker) throws Exception {
            this.docker = docker;
            directory = docker.directory().resolve("b");
            Files.createDirectories(directory);
            upstream = new Bridge(
                    Bridge.Upstream.docker(Lab.dockerHost()),
                    UnixDomainSocketAddress.of(directory.resolve("upstream.sock")));
            StandIn.build(docker.address(), IMAGE);
        }

        @Override
        public Engine open() throws Exception {
            Engine opened = SupervisedBuildKitTest.open(docker.address(), IMAGE, directory);
            assertThat(opened.probe().problem()).isEmpty();
            return opened;
        }

        @Override
        public void kill() throws Exception {
            try (DockerClient client = client(docker)) {
                client.killContainerCmd(only(client).getId()).exec();
            }
        }

        @Override
        public void startAgain() {
            // The supervisor does.
        }

        @Override
        public void hang() throws Exception {
            try (DockerClient client = client(docker)) {
                client.pauseContainerCmd(only(client).getId()).exec();
            }
        }

        @Override
        public void goOn() {
            // A container that hangs is removed; another takes its place.
        }

        @Override
        public void leave() throws Exception {
            upstream.close();
            docker.stop();
        }
    }

    @Test
    void close_removesTheContainer() throws Exception {
        engine.close();

        try (DockerClient client = client()) {
            assertThat(ours(client)).isEmpty();
        }
    }

    @Test
    void whatACrashLeft_isRemovedBeforeAnythingIsOffered_andOthersStay() throws Exception {
        try (DockerClient client = client()) {
            String before = only(client).getId();
            Path elsewhere = docker().directory().resolve("c");
            try (Engine other = SupervisedBuildKit.open(
                    docker().address(),
                    new SupervisedBuildKit.Wish(IMAGE, "another", elsewhere, Optional.empty(), Set.of()),
                    new Engines.Patience(Duration.ofSeconds(10), Duration.ofSeconds(1), Duration.ofSeconds(5)),
                    TestEngines.OWNER)) {
                other.probe();

                // As after kill -9 of the agent: nobody has closed the first one.
                try (Engine next =
                        open(docker().address(), IMAGE, docker().directory().resolve("b"))) {
                    assertThat(next.probe().problem()).isEmpty();

                    assertThat(only(client).getId()).isNotEqualTo(before);
                    assertThat(labelled(client, "another")).hasSize(1);
                }
            }
        }
    }

    @Test
    void imageThatIsNotThere_isAProblemInWords() throws Exception {
        try (Engine absent = open(
                docker().address(), "sheaf-test/absent:1", docker().directory().resolve("b"))) {
            assertThat(absent.probe().problem())
                    .contains("the image sheaf-test/absent:1 of --buildkit-image is not in this Docker Engine")
                    .endsWith("; run docker pull sheaf-test/absent:1");
        }
    }

    @Test
    void imageThatIsNoBuildKit_saysHowItEnded_andIsNotStartedAllTheTime() throws Exception {
        try (DockerClient client = client()) {
            client.pullImageCmd(Lab.registry() + "/lab/busybox")
                    .withTag("1")
                    .start()
                    .awaitCompletion();
        }
        try (Engine wrong =
                open(docker().address(), Lab.busybox(), docker().directory().resolve("b"))) {
            assertThat(wrong.probe().problem()).contains("BuildKit container", "; ");
            wrong.probe();
            assertThat(wrong.probe().problem()).contains("is started again in");
        }
    }

    @Test
    void addressOfABuildKit_isRefused() {
        assertThatThrownBy(() -> open("tcp://127.0.0.1:1234", IMAGE, Path.of("/tmp/x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--buildkit-image needs a Docker Engine");
    }

    private static Engine open(String docker, String image, Path directory) {
        return SupervisedBuildKit.open(
                docker,
                new SupervisedBuildKit.Wish(image, OWNER, directory, Optional.of("sheaf-test"), Set.of()),
                Engines.Patience.STANDARD,
                TestEngines.OWNER);
    }

    private static Container only(DockerClient client) {
        assertThat(ours(client)).hasSize(1);
        return ours(client).getFirst();
    }

    private static List<Container> ours(DockerClient client) {
        return labelled(client, OWNER);
    }

    private static List<Container> labelled(DockerClient client, String owner) {
        return client.listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(List.of("dev.sheaf.buildkit=" + owner))
                .exec();
    }

    private DockerClient client() {
        return client(docker());
    }

    private static DockerClient client(LabEngine docker) {
        return DockerSocket.open(
                EngineAddress.parse(docker.address()).path(),
                Duration.ofSeconds(10),
                Optional.of(Duration.ofMinutes(1)));
    }
}
