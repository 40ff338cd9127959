package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.architecture.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is shipped for linux/amd64 works as it is: tarball, images, units. */
@Tag("lab")
final class DistIT {
    private static final Duration READY = Duration.ofSeconds(60);
    private static final Pattern LISTENING = Pattern.compile("listening on (127\\.0\\.0\\.1:\\d+)");

    @TempDir
    private static Path shared;

    @TempDir
    private Path directory;

    private static Path tarball;
    private static Path home;

    @BeforeAll
    static void makeTarball() throws Exception {
        Lab.registry();
        Assumptions.assumeTrue(
                System.getProperty("os.arch").equals("amd64"), "the tarball for linux/amd64 runs on amd64 hosts only");
        tarball = Tarball.ofThisBuild();
        home = Tarball.unpack(tarball, shared.resolve("opt"));
    }

    @Test
    void tarballAlone_withoutJava_buildsAnImage() throws Exception {
        String image = Lab.registry() + "/it/dist" + ProcessHandle.current().pid() + ":1";
        Path context = Files.createDirectory(directory.resolve("context"));
        Files.writeString(context.resolve("Dockerfile"), "FROM " + Lab.busybox() + "\nRUN uname -m > /machine\n");
        try (Program coordinator = start("sheaf-coordinator", "--listen", "127.0.0.1:0", "--data", "data")) {
            String address = coordinator.awaitLine(LISTENING, READY).group(1);
            try (Program agent =
                    start("sheaf-agent", "--coordinator", address, "--engine", Lab.dockerHost(), "--name", "dist-1")) {
                agent.awaitLine(Pattern.compile("speaks with the coordinator"), READY);
                try (Program build = start(
                        "sheaf",
                        "build",
                        "--coordinator",
                        address,
                        "--wait",
                        "60s",
                        "--platform",
                        "linux/amd64",
                        "-t",
                        image,
                        "--push",
                        context.toString())) {
                    assertThat(build.await(Duration.ofMinutes(2)))
                            .as(build.err())
                            .isZero();
                }
                assertThat(javaOf(coordinator)).isEqualTo(home.resolve("runtime/bin/java"));
                assertThat(javaOf(agent)).isEqualTo(home.resolve("runtime/bin/java"));
            }
        }
        assertThat(Docker.run("linux/amd64", image, "cat", "/machine")).isEqualTo("x86_64");
    }

    @Test
    void sameCommit_givesTheSameBytes() throws Exception {
        Path again = Tarball.make("amd64", directory, "again");

        assertThat(Files.mismatch(tarball, again)).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sheaf", "sheaf-agent", "sheaf-coordinator"})
    void programsThroughALink_sayTheirVersion(String name) throws Exception {
        Path link = Files.createSymbolicLink(
                directory.resolve(name), home.resolve("bin").resolve(name));

        String said = Tarball.run(directory, "env", "-i", "PATH=/usr/bin:/bin", link.toString(), "--version");

        assertThat(said).isEqualTo(name + " " + version());
    }

    @ParameterizedTest
    @ValueSource(strings = {"cli", "agent", "coordinator"})
    void dockerfiles_areBuiltByTheFarm_andTheirImagesRun(String program) throws Exception {
        String image =
                Lab.registry() + "/it/dist-" + program + ProcessHandle.current().pid() + ":1";
        try (Farm farm = Farm.start(directory)) {
            farm.agent("amd64-1", "linux/amd64");

            Farm.Result result = farm.run(
                    "build",
                    "--platform",
                    "linux/amd64",
                    "--build-arg",
                    "BASE=" + Lab.gcc(),
                    "-f",
                    Farm.root()
                            .resolve("deploy/docker/" + program + ".Dockerfile")
                            .toString(),
                    "-t",
                    image,
                    "--push",
                    String.valueOf(tarball.getParent()));

            assertThat(result.exitCode()).as(result.all()).isZero();
        }
        assertThat(Docker.run("linux/amd64", image, "--version")).endsWith(" " + version());
    }

    @Test
    void systemdUnits_areSound() throws Exception {
        Assumptions.assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/systemd-analyze")), "skipped: there is no systemd-analyze here");
        Path root = Files.createDirectories(directory.resolve("root"));
        Path units = Files.createDirectories(root.resolve("etc/systemd/system"));
        Files.createDirectories(root.resolve("opt"));
        Tarball.run(
                directory,
                "cp",
                "-r",
                home.toString(),
                root.resolve("opt/sheaf").toString());
        List<String> command = new ArrayList<>(
                List.of("systemd-analyze", "verify", "--recursive-errors=no", "--man=no", "--root=" + root));
        for (String unit : List.of("sheaf-agent.service", "sheaf-coordinator.service")) {
            Files.copy(home.resolve("share/systemd").resolve(unit), units.resolve(unit));
            command.add(units.resolve(unit).toString());
        }

        try (Program analyze = Program.start(directory, "systemd-analyze", command, Map.of())) {
            int code = analyze.await(READY);
            assertThat(code + analyze.out() + analyze.err()).isEqualTo("0");
        }
    }

    /** Nothing but the tarball can be found. */
    private Program start(String... command) throws IOException {
        List<String> line = new ArrayList<>(List.of("env", "-i", "PATH=" + home.resolve("bin"), "HOME=" + directory));
        line.addAll(List.of(command));
        return Program.start(directory, command[0], line, Map.of());
    }

    private static Path javaOf(Program program) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc", Long.toString(program.pid()), "exe"));
    }

    private static String version() throws IOException {
        return Files.readString(home.resolve("VERSION")).strip();
    }
}
