package dev.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.image.Digest;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.RegistryCredential;
import dev.sheaf.v1.StitchRequest;
import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Leaving builds, coming back to them, and finding the coordinator that has them. */
@Timeout(60)
final class FollowingTest {
    private static final String TAG = "registry.example:5000/app:1";

    @TempDir
    private Path directory;

    private FakeCoordinator farm;
    private Terminal terminal;

    @BeforeEach
    void start() throws IOException {
        farm = new FakeCoordinator();
        Files.writeString(directory.resolve("Dockerfile"), "FROM scratch\n");
        terminal = new Terminal(directory);
        terminal.environment.put("SHEAF_COORDINATOR", farm.address());
    }

    @AfterEach
    void stop() {
        farm.close();
    }

    @Test
    void build_whenAnotherCoordinatorGoesOn_showsItsLogFromTheBeginning_andSaysSoOnce() {
        farm.add(Events.running("linux/arm64", "arm-1", 1));
        farm.add(Events.started("linux/arm64", "v1", "[1/2] FROM busybox", 10));
        farm.add(Events.completed("linux/arm64", "v1", "", 11.5));
        farm.breakAfter = 2;
        farm.whileBroken = () -> {
            farm.events.clear();
            farm.add(Events.running("linux/arm64", "arm-2", 2));
            farm.add(Events.succeeded());
        };

        assertThat(terminal.run("build", "-t", "a", "--push", ".")).isZero();

        assertThat(farm.watchedFrom).containsExactly(0L, 1L, 0L);
        assertThat(terminal.err())
                .containsOnlyOnce("another coordinator goes on with the build")
                .containsOnlyOnce("building on arm-1")
                .containsOnlyOnce("building on arm-2");
    }

    @Test
    void detach_sendsEverythingFirst_printsTheIdAlone_andLeaves() throws IOException {
        farm.lacksBlobs = true;
        Files.createDirectory(directory.resolve("context"));
        Files.writeString(directory.resolve("context/Dockerfile"), "FROM scratch\nCOPY f /\n");
        Files.writeString(directory.resolve("context/f"), "content");

        assertThat(terminal.run("build", "--detach", "context")).isZero();

        assertThat(terminal.out()).isEqualTo("b-1" + System.lineSeparator());
        String tree = farm.submitted.getFirst().getSpec().getTreeDigest();
        assertThat(farm.uploaded)
                .containsExactlyInAnyOrder(
                        tree,
                        Digest.of("content".getBytes(StandardCharsets.UTF_8)).value(),
                        Digest.of("FROM scratch\nCOPY f /\n".getBytes(StandardCharsets.UTF_8))
                                .value());
        assertThat(farm.watchedFrom).isEmpty();
        assertThat(terminal.err()).contains("sheaf attach b-1 shows it");
    }

    @Test
    void detach_whenRefused_endsAsABuildDoes() {
        farm.refusal = Optional.of(Status.FAILED_PRECONDITION.withDescription("no agent proves linux/s390x"));

        assertThat(terminal.run("build", "--detach", ".")).isEqualTo(75);

        assertThat(terminal.out()).isEmpty();
    }

    @Test
    void attach_bringsTheLoginsOfTheTags_showsAll_andEndsAsABuildDoes() throws IOException {
        login();
        farm.add(running());
        farm.add(Events.running("linux/arm64", "arm-1", 1));
        farm.add(running());
        farm.breakAfter = 2;
        farm.whileBroken = () -> farm.add(Events.succeeded());

        int exit = terminal.run("attach", "-q", "--iidfile", "iid", "b-");

        assertThat(terminal.err()).isEmpty();
        assertThat(exit).isZero();
        assertThat(terminal.out()).isEqualTo(Events.INDEX + System.lineSeparator());
        assertThat(directory.resolve("iid")).hasContent(Events.INDEX);
        // Again after the lost connection.
        assertThat(farm.attached).hasSize(2);
        assertThat(farm.attached.getFirst().getCredentialsList())
                .extracting(RegistryCredential::getRegistry, RegistryCredential::getPassword)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("registry.example:5000", "pw"));
    }

    @Test
    void attach_toABuildThatHasFailed_exitsWithItsClass_andBringsNothing() throws IOException {
        login();
        farm.add(Events.failed(FailureClass.FAILURE_CLASS_REGISTRY));

        assertThat(terminal.run("attach", "b-1")).isEqualTo(76);

        assertThat(farm.attached).isEmpty();
        assertThat(farm.watchedFrom).containsExactly(0L);
    }

    @Test
    void attach_whenInterrupted_leavesWithoutCancelling() throws Exception {
        farm.add(Events.running("linux/arm64", "arm-1", 1));
        farm.add(running());
        Thread user = Thread.ofVirtual().start(() -> {
            try {
                farm.watching.await();
                terminal.interrupts.getFirst().run();
                farm.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        terminal.run("attach", "b-1");

        user.join();
        assertThat(terminal.left).containsExactly(ExitCode.CANCELLED);
        assertThat(farm.cancelled).isEmpty();
        assertThat(terminal.err()).contains("=> left; the build goes on: sheaf attach b-1");
    }

    @Test
    void stitch_publishesAnOldBuildAgain_andFollowsTheNewOne() throws IOException {
        login();
        farm.add(Events.succeeded());

        assertThat(terminal.run("stitch", "-q", "-t", "registry.example:5000/app:2", "b-"))
                .isZero();

        StitchRequest request = farm.stitched.getFirst();
        assertThat(request.getBuildId()).isEqualTo("b-1");
        assertThat(request.getIdempotencyKey()).isNotEmpty();
        assertThat(request.getTagsList()).containsExactly("registry.example:5000/app:2");
        assertThat(request.getCredentialsList())
                .extracting(RegistryCredential::getPassword)
                .containsExactly("pw");
        assertThat(terminal.out()).isEqualTo(Events.INDEX + System.lineSeparator());
    }

    @Test
    void coordinators_firstIsGone_theNextOneIsCalledAtOnce() throws IOException {
        FakeCoordinator gone = new FakeCoordinator();
        gone.close();
        farm.add(Events.succeeded());
        terminal.environment.put("SHEAF_COORDINATOR", gone.address() + "," + farm.address());

        assertThat(terminal.run("build", "-t", "a", "--push", ".")).isZero();

        assertThat(farm.submitted).hasSize(1);
    }

    @Test
    void coordinators_standbyNamesTheLeader_whichIsFollowed() throws IOException {
        farm.add(Events.succeeded());
        try (FakeCoordinator standby = new FakeCoordinator()) {
            standby.refusal = Optional.of(
                    Status.UNAVAILABLE.withDescription("this coordinator does not lead; " + farm.address() + " does"));
            terminal.environment.put("SHEAF_COORDINATOR", standby.address());

            assertThat(terminal.run("build", "-t", "a", "--push", ".")).isZero();

            assertThat(standby.submitted).hasSize(1);
            assertThat(farm.submitted).hasSize(1);
        }
    }

    @Test
    void coordinators_noneAnswers_allAreNamed() throws IOException {
        FakeCoordinator other = new FakeCoordinator();
        other.close();
        farm.close();
        terminal.environment.put("SHEAF_COORDINATOR", other.address() + "," + farm.address());

        assertThat(terminal.run("builds")).isEqualTo(69);

        assertThat(terminal.lastErrorLine()).contains("answers at " + other.address() + " or " + farm.address());
    }

    private static BuildEvent.Builder running() {
        return BuildEvent.newBuilder()
                .setBuild(Build.newBuilder()
                        .setId("b-1")
                        .setState(BuildState.BUILD_STATE_BUILDING)
                        .setSpec(BuildSpec.newBuilder().addTags(TAG)));
    }

    private void login() throws IOException {
        Path docker = Files.createDirectories(directory.resolve("home/.docker"));
        String auth = Base64.getEncoder().encodeToString("me:pw".getBytes(StandardCharsets.UTF_8));
        Files.writeString(
                docker.resolve("config.json"), "{\"auths\":{\"registry.example:5000\":{\"auth\":\"" + auth + "\"}}}");
    }
}
