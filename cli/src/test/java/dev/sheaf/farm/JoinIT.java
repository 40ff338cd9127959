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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A farm over TLS between two networks: a host joins with a token, a user logs in, and what is revoked is cut off. */
@Tag("lab")
final class JoinIT extends TlsFarmFixture {
    /** Twice the promise of 5 s, which the coordinator's tests hold to: here a program starts or ends as well. */
    private static final Duration PROMPT = Duration.ofSeconds(10);

    private String[] build(String image, String dockerfile, String... more) throws IOException {
        Path context = Files.createDirectories(directory.resolve("context"));
        Files.writeString(context.resolve("Dockerfile"), dockerfile);
        List<String> arguments = new ArrayList<>(
                List.of("build", "--progress", "plain", "--platform", "linux/amd64", "-t", image, "--push"));
        arguments.addAll(List.of(more));
        arguments.add(context.toString());
        return arguments.toArray(String[]::new);
    }

    private static String image(String name) {
        return Lab.registry() + "/it/join-" + name + ProcessHandle.current().pid() + ":1";
    }

    @Test
    void hostThatJoined_buildsForAUserThatLoggedIn_untilItIsRevoked() throws Exception {
        logIn();
        Program agent = join("amd64-1");

        sheaf(build(image("a"), "FROM " + Lab.busybox() + "\nRUN echo built\n")).requireSuccess();
        assertThat(sheaf("builds", "--format", "json").requireSuccess().out())
                .contains("\"user\":\"alice\",\"team\":\"platform\"");
        assertThat(sheaf("agents", "show", "amd64-1").requireSuccess().out())
                .contains("pool:         team-a", "permitted:    linux/amd64", "certificate:  until");

        Program twin = start("twin", Map.of(), agent("--engine", Lab.dockerHost()));
        twin.awaitLine(Pattern.compile("another live agent is called \"amd64-1\" at [0-9.]+:\\d+"), READY);
        twin.close();

        Program build = start(
                "build",
                Map.of(),
                Farm.command("sheaf", build(image("b"), "FROM " + Lab.busybox() + "\nRUN echo started; sleep 60\n")));
        build.awaitLine(Pattern.compile("(?m)started$"), READY);
        sheaf("agents", "revoke", "amd64-1").requireSuccess();
        long revoked = System.nanoTime();
        int code = agent.await(READY);
        assertThat(Duration.ofNanos(System.nanoTime() - revoked)).isLessThan(PROMPT);
        assertThat(code).isEqualTo(77);
        assertThat(agent.out() + agent.err()).contains("agent \"amd64-1\" was revoked");
        assertThat(sheaf("agents").out()).containsPattern("amd64-1\\s+revoked");
        build.awaitLine(Pattern.compile("amd64-1 was revoked"), READY);
        Outcome again = run(Map.of(), agent("--engine", Lab.dockerHost()));
        assertThat(again.code()).isEqualTo(77);
        build.interrupt();
        build.await(READY);
    }

    @Test
    void drain_survivesARestartOfTheCoordinator_andBuildsWaitUntilResume() throws Exception {
        logIn();
        join("amd64-1");
        sheaf("agents", "drain", "--pool", "team-a").requireSuccess();
        coordinator.terminate();
        coordinator.await(READY);
        start("again", Map.of(), coordinator("--listen", "0.0.0.0:" + farm.substring(farm.indexOf(':') + 1)))
                .awaitLine(Pattern.compile("listening on"), READY);
        Program.await("the agent is back, and drained", READY, () -> lists("amd64-1\\s+drained"));
        Program waiting = start(
                "build",
                Map.of(),
                Farm.command(
                        "sheaf", build(image("c"), "FROM " + Lab.busybox() + "\nRUN echo built\n", "--wait", "5m")));
        waiting.awaitLine(Pattern.compile("=> build (\\S+)"), READY);
        Program.await("the build waits", READY, () -> shows("waiting:", "no agent proves linux/amd64"));
        sheaf("agents", "resume", "amd64-1").requireSuccess();
        assertThat(waiting.await(Duration.ofMinutes(3))).as(waiting.err()).isZero();
    }

    private boolean shows(String... words) {
        String id = quiet("builds").lines().skip(1).findFirst().orElse("-").split(" ", 2)[0];
        String shown = quiet("show", id);
        return java.util.stream.Stream.of(words).allMatch(shown::contains);
    }

    @Test
    void callersWhoDoNotFit_readOneLine_withinSeconds() throws Exception {
        String port = farm.substring(farm.indexOf(':') + 1);
        String otherFarm = "sheafuser1.00112233aabbccdd." + "A".repeat(43) + "." + "0".repeat(64);
        assertRefused(Map.of(), "127.0.0.1:" + port, 69, "speaks TLS, and this program spoke clear text");
        assertRefused(Map.of(), farm, 1, "is refused in clear text");
        assertRefused(Map.of("SHEAF_TOKEN", otherFarm), farm, 69, "not the farm that made the token");
        String pin = run(Map.of(), coordinator("users", "add", "eve", "--team", "x"))
                .requireSuccess()
                .out();
        assertRefused(
                Map.of("SHEAF_TOKEN", otherFarm.replace("0".repeat(64), pin.substring(pin.lastIndexOf('.') + 1))),
                farm,
                77,
                "the farm does not know this token");
        assertThat(run(Map.of("SHEAF_TOKEN", pin), Farm.command("sheaf", "users", "--coordinator", farm))
                        .err())
                .contains("user \"eve\" of team \"x\" is no operator");
        assertThat(run(Map.of(), Farm.command("sheaf-coordinator", "--listen", "0.0.0.0:0", "--data", "/tmp/none"))
                        .err())
                .contains("sheaf-coordinator init --data /tmp/none --name HOST");
    }

    private void assertRefused(Map<String, String> environment, String address, int code, String line)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        Outcome outcome = run(environment, Farm.command("sheaf", "agents", "--coordinator", address));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PROMPT);
        assertThat(outcome.err()).contains(line).hasLineCount(1);
        assertThat(outcome.code()).isEqualTo(code);
    }
}
