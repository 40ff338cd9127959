package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.architecture.Lab;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A farm whose programs systemd runs, on a Debian on which the commands of docs/install.md were typed as they stand. */
@Tag("lab")
final class SystemdIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int LEASE_SECONDS = 20;

    @TempDir
    private static Path directory;

    private static SystemdHost host;

    @BeforeAll
    static void install() throws Exception {
        Lab.require("SHEAF_LAB_DIR", "a lab");
        Assumptions.assumeTrue(
                System.getProperty("os.arch").equals("amd64"), "the tarball for linux/amd64 runs on amd64 hosts only");
        host = SystemdHost.boot(directory, "systemd");
        Path tarball = Tarball.ofThisBuild();
        host.put(tarball, "/root/" + tarball.getFileName());
        // What docs/engines.md tells for this version of Docker, and a name that a network would know.
        host.run("echo '{\"features\": {\"containerd-snapshotter\": true}}' >/etc/docker/daemon.json"
                + "; systemctl restart docker; echo '127.0.0.1 farm.example.com' >>/etc/hosts");
        String version = Tarball.name(tarball).replaceAll("^sheaf-(.*)-linux-amd64$", "$1");
        String port = freePort();
        type(
                Documented.commands("docs/install.md", "Tarballs").get(1),
                "VERSION",
                version,
                "ARCH",
                "amd64",
                "(?m)^.*/warm .*$",
                "");
        for (String block : Documented.commands("docs/install.md", "systemd")) {
            type(block, "7420", port);
        }
        Program.await("the agent is there", SOON, () -> shows("idle"));
    }

    /** Types a block as it stands but for these words, pairs of what it says and what it means here. */
    private static void type(String block, String... words) throws IOException, InterruptedException {
        String typed = block;
        for (int i = 0; i < words.length; i += 2) {
            typed = typed.replaceAll(words[i], words[i + 1]);
        }
        host.run("cd /root\n" + typed);
    }

    private static String freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return Integer.toString(socket.getLocalPort());
        }
    }

    @AfterAll
    static void shutDown() throws Exception {
        if (host != null) {
            host.close();
        }
    }

    @BeforeEach
    void startAgain() throws Exception {
        host.run("systemctl start sheaf-coordinator sheaf-agent");
        Program.await("the agent is there", SOON, () -> shows("idle"));
    }

    @Test
    void unitsOfTheTarball_buildAnImage_asUsersWithoutPower() throws Exception {
        try (Program build = build("usual", "RUN id -u >/user\n", "")) {
            assertThat(build.await(SOON)).as(build.err()).isZero();
        }

        // CAP_KILL has the number 5.
        Map<String, String> powers = Map.of("sheaf", "0+", "sheaf-agent", "0+20");
        for (String service : powers.keySet()) {
            String power = powers.get(service);
            String unit = service.equals("sheaf") ? "sheaf-coordinator" : service;
            String status = host.run("cat /proc/$(systemctl show -P MainPID " + unit + ")/status");
            String user = host.run("id -u " + service);
            assertThat(user).isNotEqualTo("0");
            assertThat(status)
                    .containsPattern("(?m)^Uid:\\s+" + user + "\\s+" + user + "\\s")
                    .containsPattern("(?m)^CapEff:\\s+" + power + "$")
                    .containsPattern("(?m)^CapBnd:\\s+" + power + "$")
                    .containsPattern("(?m)^NoNewPrivs:\\s+1$");
            assertThat(host.run("systemctl is-active " + unit + "; systemctl is-enabled " + unit))
                    .isEqualTo("active\nenabled");
            assertThat(host.run("stat -c '%U %a' /var/lib/" + service)).isEqualTo(service + " 700");
        }
        assertThat(host.run("journalctl -u sheaf-coordinator -o cat")).contains("listening on 0.0.0.0:");
        assertThat(host.run("journalctl -u sheaf-agent -o cat")).contains("speaks with the coordinator");
    }

    @Test
    void agentStoppedInMidSlice_finishesIt_takesNothingNew_andEndsInGoodOrder() throws Exception {
        // Until then a coordinator that was started again takes builds whose agents are not back yet.
        Program.await("every agent had time to come back", SOON, () -> secondsUp("sheaf-coordinator") > LEASE_SECONDS);
        try (Program build = build(
                        "stops", "RUN echo started; i=0; while [ $i -lt 30 ]; do sleep 0.2; i=$((i+1)); done\n", "");
                Program stop = stopOnceStarted(build)) {
            Program.await("the agent is draining", SOON, () -> shows("draining"));
            assertThat(host.run("systemctl is-active sheaf-agent || true")).isEqualTo("deactivating");
            try (Program refused = build("refused", "RUN true\n", "")) {
                assertThat(refused.await(SOON)).as(refused.err()).isEqualTo(75);
            }

            assertThat(build.await(SOON)).as(build.err()).isZero();
            assertThat(build.err()).contains("built on " + agent()).doesNotContain("attempt 2");
            assertThat(stop.await(SOON)).as(stop.err()).isZero();
        }
        assertThat(host.run("systemctl show -P ActiveState -P Result -P ExecMainStatus sheaf-agent")
                        .split("\\s+"))
                .containsExactlyInAnyOrder("inactive", "success", "0");
    }

    private static int secondsUp(String unit) {
        String seconds = host.ask("ps -o etimes= -p $(systemctl show -P MainPID " + unit + ")");
        return seconds.isBlank() ? 0 : Integer.parseInt(seconds.strip());
    }

    private static Program stopOnceStarted(Program build) throws IOException, InterruptedException {
        build.awaitLine(Pattern.compile("(?m)started$"), SOON);
        return host.start("stop", "systemctl stop sheaf-agent");
    }

    @Test
    void killedPrograms_areStartedAgain_andTheJournalTellsWhy() throws Exception {
        host.run("systemctl kill --kill-whom=main -s KILL sheaf-agent sheaf-coordinator");

        for (String unit : List.of("sheaf-agent", "sheaf-coordinator")) {
            Program.await(
                    unit + " is started again",
                    SOON,
                    () -> host.ask("systemctl show -P NRestarts -P ActiveState " + unit)
                            .matches("(?s)active\\s+[1-9]\\d*|[1-9]\\d*\\s+active"));
            assertThat(host.run("journalctl -u " + unit + " -o cat")).contains("code=killed, status=9/KILL");
        }
        Program.await("the agent is back", SOON, () -> shows("idle"));
        try (Program build = build("again", "RUN true\n", "--wait 60s")) {
            assertThat(build.await(SOON)).as(build.err()).isZero();
        }
    }

    @Test
    void stepThatOutlivesItsEngine_isSaidByWhoMayNotEndIt_andEndedByTheUnit() throws Exception {
        try (Program build = build("outlives", "USER 1234\nRUN echo started; sleep 4321; true\n", "")) {
            build.awaitLine(Pattern.compile("(?m)started$"), SOON);
            String step = host.run("pgrep -o -u 1234");
            String mount = host.run("grep -o '/var/lib/docker/buildkit/executor/.*/rootfs' /proc/mounts");
            host.run("systemctl kill --kill-whom=main -s STOP sheaf-agent");
            String doctor;
            try {
                host.run("systemctl kill --kill-whom=main -s KILL docker");
                Program.await(
                        "Docker is back",
                        SOON,
                        () -> host.ask("docker info 2>&1").contains("Server Version"));

                doctor = host.ask("setpriv --reuid=sheaf-agent --regid=sheaf-agent --init-groups"
                        + " /opt/sheaf/bin/sheaf-agent doctor --state /var/lib/sheaf-agent 2>&1");
                assertThat(host.ask("ps -o pid= -p " + step).strip()).isEqualTo(step);
            } finally {
                host.run("systemctl kill --kill-whom=main -s CONT sheaf-agent");
            }

            assertThat(doctor)
                    .contains("a build's step that outlived its engine still runs: process " + step + " (sh)")
                    .contains("end it with kill -9 " + step);
            String ended = "ended a step of a build that had outlived its engine: process " + step + " (sh)";
            Program.await(
                    "the step was ended",
                    SOON,
                    () -> host.ask("journalctl -u sheaf-agent -o cat").contains(ended));
            assertThat(host.ask("ps -o pid= -p " + step)).isEmpty();
            assertThat(host.ask("grep -F -- " + mount + " /proc/mounts")).isEmpty();
            // The build goes on, and would for an hour.
            host.run("pkill -INT -f 'java .*[s]ystemd-outlives'");
            assertThat(build.await(SOON)).as(build.err()).isEqualTo(130);
        }
    }

    private static Program build(String name, String steps, String flags) throws IOException {
        String image = Lab.registry() + "/it/systemd-" + name + ":"
                + ProcessHandle.current().pid();
        return host.start(
                name,
                "printf '%s' '" + ("FROM " + Lab.busybox() + "\n" + steps)
                        + "' | sheaf build --progress plain --platform linux/amd64 " + flags + " -t " + image
                        + " --push -");
    }

    private static boolean shows(String state) {
        return Pattern.compile("(?m)^" + agent() + " +" + state + "\\b")
                .matcher(host.ask("sheaf agents"))
                .find();
    }

    private static String agent() {
        return host.ask("hostname");
    }
}
