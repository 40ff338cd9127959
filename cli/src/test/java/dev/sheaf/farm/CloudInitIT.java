package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import dev.sheaf.architecture.Lab;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Debian that boots with the user data of deploy/cloud-init as its seed, and nothing else, becomes an agent. */
@Tag("lab")
final class CloudInitIT {
    private static final Duration JOINS = Duration.ofMinutes(2);

    @TempDir
    private Path directory;

    private HttpServer downloads;
    private Farm farm;

    @BeforeEach
    void start() throws Exception {
        Lab.require("SHEAF_LAB_DIR", "a lab");
        Assumptions.assumeTrue(
                System.getProperty("os.arch").equals("amd64"), "the tarball for linux/amd64 runs on amd64 hosts only");
        downloads = SimpleFileServer.createFileServer(
                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0),
                Tarball.ofThisBuild().toAbsolutePath().getParent(),
                SimpleFileServer.OutputLevel.NONE);
        downloads.start();
        String data = directory.resolve("data").toString();
        Tarball.run(
                directory,
                Farm.command("sheaf-coordinator", "init", "--name", "127.0.0.1", "--data", data)
                        .toArray(String[]::new));
        String token = Tarball.run(
                directory,
                Farm.command(
                                "sheaf-coordinator",
                                "users",
                                "add",
                                "--data",
                                data,
                                "tester",
                                "--operator",
                                "--team",
                                "it")
                        .toArray(String[]::new));
        farm = Farm.start(directory, Map.of("SHEAF_TOKEN", token));
    }

    @AfterEach
    void stop() {
        if (farm != null) {
            farm.close();
        }
        if (downloads != null) {
            downloads.stop(0);
        }
    }

    @Test
    void bootedWithTheUserData_joinsAndBuilds() throws Exception {
        try (SystemdHost host =
                SystemdHost.boot(directory, "cloud", "--seed", seed(invite()).toString())) {
            assertThat(host.ask("cloud-init status --wait --long"))
                    .as(host.ask("cat /var/log/cloud-init-output.log"))
                    .containsPattern("(?m)^status: done")
                    .contains("DataSourceNoCloud", "errors: []");
            assertThat(host.run("cat /var/log/cloud-init-output.log"))
                    .contains("joined " + farm.address() + " as agent \"cloud-1\"");
            Pattern idle = Pattern.compile("(?m)^cloud-1 +idle.*linux/amd64");
            Program.await(
                    "the host joins",
                    JOINS,
                    () -> idle.matcher(farm.run("agents").out()).find());
            assertThat(host.run("ls /run/sheaf-token 2>&1 || true")).contains("No such file");
            assertThat(host.run("cloud-init schema --config-file" + " /var/lib/cloud/seed/nocloud/user-data"))
                    .contains("Valid schema");

            Farm.Result built = farm.run(
                    "build",
                    "--platform",
                    "linux/amd64",
                    "-t",
                    Lab.registry() + "/it/cloud:" + ProcessHandle.current().pid(),
                    "--push",
                    farm.context("Dockerfile", "FROM " + Lab.busybox() + "\nRUN uname -n\n")
                            .toString());
            assertThat(built.exitCode()).as(built.all()).isZero();
            assertThat(built.err()).doesNotContain("DEGRADED");
        }
    }

    private String invite() {
        Farm.Result invited = farm.run("agents", "invite", "--platform", "linux/amd64");
        assertThat(invited.exitCode()).as(invited.all()).isZero();
        return invited.out().strip();
    }

    /** The words in capital letters are what its first lines tell to replace. */
    private Path seed(String token) throws Exception {
        Path seed = Files.createDirectory(directory.resolve("seed"));
        String text = Files.readString(Farm.root().resolve("deploy/cloud-init/arm64-agent.yaml"));
        String address = "http://127.0.0.1:" + downloads.getAddress().getPort() + "/"
                + Tarball.ofThisBuild().getFileName();
        Files.writeString(
                seed.resolve("user-data"),
                text.replace("TARBALL-URL", address)
                        .replace("COORDINATOR", farm.address())
                        .replace("TOKEN", token));
        Files.writeString(seed.resolve("meta-data"), "instance-id: sheaf-1\nlocal-hostname: cloud-1\n");
        return seed;
    }
}
