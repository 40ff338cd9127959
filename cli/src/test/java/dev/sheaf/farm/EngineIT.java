package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.architecture.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Engines that die, hang, return or are unfit, and programs that are told to stop, on a whole farm. */
@Tag("lab")
final class EngineIT {
    private static final Pattern STARTED = Pattern.compile("(?m)started$");
    private static final Pattern HANDED_BACK = Pattern.compile("the slice is queued again");
    private static final Pattern QUEUED_AGAIN = Pattern.compile("the engine hangs.*the slice is queued again");

    @TempDir
    private Path directory;

    private final Deque<String> engines = new ArrayDeque<>();
    private Farm farm;

    @BeforeEach
    void startFarm() throws Exception {
        Lab.require("SHEAF_LAB_DIR", "a lab");
        farm = Farm.start(directory);
    }

    @AfterEach
    void stopFarm() throws Exception {
        farm.close();
        for (String engine : engines) {
            // First dockerd: in good order it would wait for steps that nobody wants any more.
            lab("kill", engine);
            lab("stop", engine);
        }
    }

    @Test
    void classicStore_buildsDegraded_whichEverythingSays() throws Exception {
        String classic = engine("it-classic", "--old");
        Farm.Result doctor = farm.launch("sheaf-agent", "doctor", "--engine", classic);
        Program agent = farm.agentOn("classic-1", classic, "--platform", "linux/amd64");
        farm.agent("usual-1", "linux/386");
        String image = image("classic");
        Path metadata = directory.resolve("metadata.json");
        String context = farm.context("Dockerfile", "FROM " + Lab.busybox() + "\nRUN uname -m >/machine\n")
                .toString();

        Farm.Result built = farm.run(
                "build",
                "--progress",
                "plain",
                "--platform",
                "linux/amd64,linux/386",
                "--push",
                "-t",
                image,
                "--metadata-file",
                metadata.toString(),
                context);

        assertThat(built.exitCode()).as(built.all()).isZero();
        assertThat(built.err()).contains("built without provenance", "the registry keeps the temporary tag sheaf-");
        String degraded = "classic image store: pushed under a temporary tag, no attestations, no variants";
        assertThat(doctor.exitCode()).as(doctor.all()).isZero();
        assertThat(doctor.out())
                .contains("warn  image store: DEGRADED: " + degraded, "--buildkit-image", "containerd-snapshotter");
        assertThat(agent.err()).contains("DEGRADED: " + degraded);
        assertThat(farm.run("agents", "show", "classic-1").out()).contains("degraded:     " + degraded);
        assertThat(farm.run("show", buildId(metadata)).out()).contains("linux/amd64 DEGRADED: " + degraded);
        assertThat(Files.readString(metadata)).containsOnlyOnce("\"degraded\"").contains(degraded);
    }

    @Test
    void classicStore_runsSmokeTestsToo_withoutNetwork() throws Exception {
        farm.agentOn("classic-1", engine("it-classic-smoke", "--old"), "--platform", "linux/amd64");
        String context = farm.context("Dockerfile", "FROM " + Lab.busybox() + "\nENV WORD=hello\nUSER 1234\n")
                .toString();
        String good = "sh -c 'test \"$(ls /sys/class/net | tr -d \"\\n\")\" = lo && echo $WORD from $(id -u)'";

        Farm.Result passed = smoked(good, context);
        Farm.Result failed = smoked("sh -c 'echo cannot go on; exit 3'", context);
        Farm.Result wrong = smoked("nobody-home", context);

        assertThat(passed.exitCode()).as(passed.all()).isZero();
        assertThat(passed.err()).contains("hello from 1234");
        assertThat(failed.exitCode()).as(failed.all()).isEqualTo(1);
        assertThat(failed.err())
                .contains("ended with exit code 3; its last output: \"cannot go on\"; no tag was moved");
        assertThat(wrong.exitCode()).as(wrong.all()).isEqualTo(1);
        assertThat(wrong.err())
                .contains("\"nobody-home\" could not be started: ")
                .doesNotContain("attempt 2");
    }

    private Farm.Result smoked(String command, String context) {
        return farm.run(
                "build",
                "--progress",
                "plain",
                "--platform",
                "linux/amd64",
                "--push",
                "-t",
                image("classic-smoke"),
                "--smoke",
                command,
                context);
    }

    private static String buildId(Path metadata) throws IOException {
        Matcher id = Pattern.compile("\"buildx.build.ref\" ?: ?\"sheaf/farm/([^\"]+)\"")
                .matcher(Files.readString(metadata));
        assertThat(id.find()).isTrue();
        return id.group(1);
    }

    @Test
    void doctor_allWell_printsEveryCheck_exit0() throws Exception {
        Farm.Result doctor = farm.launch("sheaf-agent", "doctor", "--engine", Lab.dockerHost());

        assertThat(doctor.exitCode()).as(doctor.all()).isZero();
        assertThat(doctor.out())
                .doesNotContain("FAIL")
                .containsPattern("(?m)^pass {2}linux/amd64: .*ran an amd64 program")
                .containsPattern("(?m)^pass {2}engine: Docker Engine [0-9.]+")
                // Debian's is older than the floor; with a newer one it passes.
                .containsPattern("(?m)^(warn|pass) {2}version: Docker Engine [0-9.]+")
                .containsPattern("(?m)^pass {2}image store: containerd")
                .containsPattern("(?m)^pass {2}trial build: ")
                .containsPattern("(?m)^(warn|pass) {2}disk: [0-9.]+ GB of [0-9.]+ GB free in /")
                .containsPattern("(?m)^pass {2}offer: .*linux/amd64")
                .containsPattern("(?m)^pass {2}coordinator: .* answers");
    }

    @Test
    void engineKilledInMidBuild_sliceFinishesOnAnotherAndTheAgentReturnsByItself() throws Exception {
        // Of agents with as many free slots, the first by name gets the slice.
        farm.agentOn("dies-1", engine("it-dies"), "--platform", "linux/amd64");
        farm.agent("lives-1", "linux/amd64");
        String daemon = lab("pid", "it-dies");
        try (Program build = slowBuild("dies")) {
            long killed = System.nanoTime();
            signal("KILL", daemon);
            build.awaitLine(HANDED_BACK, Duration.ofSeconds(30));
            // For docs/engines.md; nothing depends on it.
            System.err.printf("engine killed: slice handed back after %.2f s%n", (System.nanoTime() - killed) / 1e9);

            assertThat(build.await(Duration.ofMinutes(2))).as(build.err()).isZero();
            assertThat(build.err()).contains("dies-1", "built on lives-1, attempt 2");
        }
        assertThat(farm.run("agents").out()).containsPattern("dies-1 +unavailable: .*nobody listens there");

        engine("it-dies");
        awaitState("dies-1", "idle", Duration.ofSeconds(30));
    }

    @Test
    void engineHangs_sliceIsHandedBack_andBuiltOnTheSameAgentWhenItGoesOn() throws Exception {
        farm.agentOn("hangs-1", engine("it-hangs"), "--platform", "linux/amd64");
        String daemon = lab("pid", "it-hangs");
        try (Program build = slowBuild("hangs")) {
            signal("STOP", daemon);
            try {
                awaitState("hangs-1", "unavailable: .*does not answer: the engine hangs", Duration.ofSeconds(30));
                build.awaitLine(QUEUED_AGAIN, Duration.ofSeconds(20));
            } finally {
                signal("CONT", daemon);
                // nsenter, which started it, stops together with it and does not go on by itself.
                signal("CONT", parent(daemon));
            }

            assertThat(build.await(Duration.ofMinutes(2))).as(build.err()).isZero();
            assertThat(build.err()).contains("built on hangs-1, attempt 2");
        }
    }

    @Test
    void agentToldToStop_finishesWhatRuns_takesNothingNew() throws Exception {
        Program agent = farm.agent("stops-1", "linux/amd64");
        try (Program build = slowBuild("stops")) {
            agent.terminate();
            awaitState("stops-1", "draining", Duration.ofSeconds(10));
            Farm.Result refused = build("refused", "FROM " + Lab.busybox() + "\n");
            assertThat(refused.exitCode()).as(refused.all()).isEqualTo(75);

            assertThat(build.await(Duration.ofMinutes(1))).as(build.err()).isZero();
            assertThat(build.err()).contains("built on stops-1").doesNotContain("attempt 2");
        }
        assertThat(agent.await(Duration.ofSeconds(10))).as(agent.err()).isZero();
    }

    @Test
    void agentToldToStopTwice_handsBackAtOnce() throws Exception {
        Program agent = farm.agent("ends-1", "linux/amd64");
        farm.agent("lives-1", "linux/amd64");
        try (Program build = slowBuild("twice")) {
            agent.terminate();
            agent.awaitLine(Pattern.compile("takes nothing new"), Duration.ofSeconds(5));
            agent.terminate();

            assertThat(agent.await(Duration.ofSeconds(10))).as(agent.err()).isZero();
            assertThat(build.await(Duration.ofMinutes(1))).as(build.err()).isZero();
            assertThat(build.err()).contains("built on lives-1, attempt 2");
        }
    }

    @Test
    void coordinatorToldToStop_exitsWithZero_whileAnAgentWaits() throws Exception {
        Program agent = farm.agent("waits-1", "linux/amd64");

        farm.coordinator().terminate();

        assertThat(farm.coordinator().await(Duration.ofSeconds(15))).isZero();
        assertThat(farm.coordinator().err()).doesNotContain("Exception", "\tat ");
        agent.terminate();
        assertThat(agent.await(Duration.ofSeconds(15))).as(agent.err()).isZero();
        assertThat(agent.err()).doesNotContain("Exception", "\tat ");
    }

    /** Pings of the connection come every 10 s; one that the coordinator thinks too frequent is the third at most. */
    @Test
    void idleAgent_keepsItsConnection() throws Exception {
        Program agent = farm.agent("idle-1", "linux/amd64");
        long end = System.nanoTime() + Duration.ofSeconds(45).toNanos();
        while (System.nanoTime() < end) {
            Thread.sleep(1_000);
            assertThat(agent.isAlive()).isTrue();
        }

        assertThat(agent.err()).doesNotContain("does not answer", "WARN", "ENHANCE_YOUR_CALM");
    }

    private Program slowBuild(String name) throws Exception {
        Path context = farm.context(
                "Dockerfile",
                "FROM " + Lab.busybox()
                        + "\nRUN echo " + name + ProcessHandle.current().pid()
                        + " started; i=0; while [ $i -lt 60 ]; do sleep 0.2; i=$((i+1)); done\n");
        Program build = farm.start(
                "build",
                "--progress",
                "plain",
                "--platform",
                "linux/amd64",
                "-t",
                image(name),
                "--push",
                context.toString());
        build.awaitLine(STARTED, Duration.ofSeconds(60));
        return build;
    }

    private Farm.Result build(String name, String dockerfile) throws IOException {
        return farm.run(
                "build",
                "--platform",
                "linux/amd64",
                "-t",
                image(name),
                "--push",
                farm.context("Dockerfile", dockerfile).toString());
    }

    private static String image(String name) {
        return Lab.registry() + "/it/engine-" + name + ProcessHandle.current().pid() + ":1";
    }

    private void awaitState(String agent, String state, Duration limit) throws InterruptedException {
        Pattern row = Pattern.compile("(?m)^" + agent + " +" + state);
        Program.await(
                agent + " is " + state,
                limit,
                () -> row.matcher(farm.run("agents").out()).find());
    }

    /** Starts an engine of this test's own, or starts it again; prints its address. */
    private String engine(String name, String... flags) throws IOException, InterruptedException {
        engines.remove(name);
        engines.add(name);
        List<String> arguments = new ArrayList<>(List.of("engine", name));
        arguments.addAll(List.of(flags));
        return lab("engine", arguments.subList(1, arguments.size()).toArray(String[]::new));
    }

    private String lab(String command, String... arguments) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(
                Farm.root().resolve("deploy/lab/lab").toString(), command, Lab.require("SHEAF_LAB_DIR", "a lab")));
        line.addAll(List.of(arguments));
        try (Program lab = Program.start(directory, "lab", line, Map.of())) {
            assertThat(lab.await(Duration.ofMinutes(2))).as(line + lab.err()).isZero();
            return lab.out().strip();
        }
    }

    private static String parent(String pid) {
        ProcessHandle daemon = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
        return Long.toString(daemon.parent().orElseThrow().pid());
    }

    private static void signal(String signal, String pid) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + signal, pid)
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }
}
