package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.architecture.Lab;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds on a whole farm: what must hold of the main job and when something goes wrong. */
@Tag("lab")
final class BuildIT {
    private static final String BOTH = "linux/amd64,linux/386";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    private Farm farm;
    private String base;

    @BeforeEach
    void startFarm() throws Exception {
        base = Lab.registry() + "/lab/busybox:1";
        farm = Farm.start(directory);
    }

    @AfterEach
    void stopFarm() throws Exception {
        farm.close();
    }

    @Test
    void twoPlatforms_onTwoAgents_oneIndexThatRuns() throws Exception {
        farm.agent("amd64-1", "linux/amd64");
        farm.agent("386-1", "linux/386");
        String image = image("two");
        Path metadata = directory.resolve("metadata.json");

        Farm.Result result = farm.run(
                "build",
                "--platform",
                BOTH,
                "--build-arg",
                "BASE=" + System.getenv("SHEAF_LAB_GCC"),
                "--metadata-file",
                metadata.toString(),
                "-t",
                image,
                "--push",
                Farm.root().resolve("deploy/demo/project").toString());

        assertThat(result.exitCode()).as(result.all()).isZero();
        assertThat(runnablePlatforms(image)).containsExactlyInAnyOrder("linux/amd64", "linux/386");
        assertThat(Docker.run("linux/amd64", image)).contains("64");
        assertThat(Docker.run("linux/386", image)).contains("32");
        JsonNode root = new JsonMapper().readTree(metadata.toFile());
        String digest = root.get("containerimage.digest").asText();
        JsonNode slice = root.at("/sheaf.build/platforms/linux~1386");
        assertThat(slice.get("agent").asText()).isEqualTo("386-1");
        assertThat(slice.get("emulated").asBoolean(true)).isFalse();
        assertThat(slice.at("/host/machine").asText()).isEqualTo("x86_64");
        assertThat(slice.at("/host/kernel").asText())
                .isEqualTo("Linux "
                        + Files.readString(Path.of("/proc/sys/kernel/osrelease"))
                                .strip());
        assertThat(slice.at("/engine/docker").asText())
                .isEqualTo(Docker.docker(List.of("version", "--format", "{{.Server.Version}}")));
        assertThat(slice.at("/engine/description").asText()).contains("containerd store");
        assertThat(Docker.buildx("imagetools", "inspect", image)).contains("linux/amd64", "linux/386", digest);
    }

    @Test
    void failingRun_tagKeepsItsContent_userSeesTheLines() throws Exception {
        farm.agent("amd64-1", "linux/amd64");
        farm.agent("386-1", "linux/386");
        String image = image("failing");
        Path good = farm.context("Dockerfile", "FROM " + base + "\nRUN echo good > /good\n");
        assertThat(build(image, BOTH, good).exitCode()).isZero();
        String before = manifest(image);
        Path bad = farm.context(
                "Dockerfile",
                "FROM " + base
                        + "\nARG TARGETARCH\nRUN echo on $TARGETARCH; if [ $TARGETARCH = 386 ]; then echo told-you-so; exit 7; fi\n");

        Farm.Result result = build(image, BOTH, bad);

        assertThat(result.exitCode()).as(result.all()).isEqualTo(1);
        assertThat(result.err())
                .contains(">>>")
                .contains("told-you-so")
                .contains("exit code: 7")
                .contains("ERROR: ");
        assertThat(manifest(image)).isEqualTo(before);
    }

    @Test
    void agentKilledInMidBuild_sliceFinishesOnAnother() throws Exception {
        Program first = farm.agent("amd64-1", "linux/amd64");
        String image = image("killed");
        Path context = farm.context(
                "Dockerfile",
                "FROM " + base + "\nRUN echo started; i=0; while [ $i -lt 20 ]; do sleep 0.2; i=$((i+1)); done\n");
        try (Program build = farm.start(
                "build",
                "--progress",
                "plain",
                "--platform",
                "linux/amd64",
                "-t",
                image,
                "--push",
                context.toString())) {
            build.awaitLine(Pattern.compile("started"), Duration.ofSeconds(60));
            first.kill9();
            farm.agent("amd64-2", "linux/amd64");

            assertThat(build.await(Duration.ofMinutes(2))).as(build.err()).isZero();
            assertThat(build.err()).contains("amd64-1").contains("amd64-2");
        }
        assertThat(runnablePlatforms(image)).containsExactly("linux/amd64");
    }

    @Test
    void platformNobodyProves_refusedAtOnceWithWhatThereIs() throws Exception {
        farm.agent("amd64-1", "linux/amd64");
        Path context = farm.context("Dockerfile", "FROM " + base + "\n");

        Farm.Result result = build(image("arm"), "linux/arm64", context);

        assertThat(result.exitCode()).as(result.all()).isEqualTo(75);
        assertThat(result.err()).contains("linux/arm64").contains("linux/amd64");
    }

    @Test
    void platformNobodyProves_withWait_isBuiltWhenAnAgentComes() throws Exception {
        farm.agent("amd64-1", "linux/amd64");
        String image = image("waiting");
        Path context = farm.context("Dockerfile", "FROM " + base + "\n");
        try (Program build =
                farm.start("build", "--wait", "60s", "--platform", BOTH, "-t", image, "--push", context.toString())) {
            Program.await(
                    "the build is listed",
                    Duration.ofSeconds(30),
                    () -> farm.run("builds").out().contains("building"));
            farm.agent("386-1", "linux/386");

            assertThat(build.await(Duration.ofMinutes(1))).as(build.err()).isZero();
        }
        assertThat(runnablePlatforms(image)).containsExactlyInAnyOrder("linux/amd64", "linux/386");
    }

    @Test
    void interrupt_cancelsAndEndsTheStep() throws Exception {
        farm.agent("amd64-1", "linux/amd64");
        String mark = "987." + ProcessHandle.current().pid();
        Path context = farm.context("Dockerfile", "FROM " + base + "\nRUN echo started; sleep " + mark + "\n");
        try (Program build = farm.start(
                "build",
                "--progress",
                "plain",
                "--platform",
                "linux/amd64",
                "-t",
                image("cancelled"),
                "--push",
                context.toString())) {
            build.awaitLine(Pattern.compile("(?m)started$"), Duration.ofSeconds(60));
            assertThat(processesWith("sleep\0" + mark)).isNotEmpty();

            build.interrupt();

            Program.await(
                    "the step's process is gone",
                    Duration.ofSeconds(10),
                    () -> processesWith("sleep\0" + mark).isEmpty());
            assertThat(build.await(Duration.ofSeconds(15))).as(build.err()).isEqualTo(130);
        }
    }

    @Test
    void bigContext_oneDirectoryCopied_onlyThatTravels_andOnlyChangesTheSecondTime() throws Exception {
        farm.agent("amd64-1", "linux/amd64");
        farm.agent("386-1", "linux/386");
        Path context = farm.context("Dockerfile", "FROM " + base + "\nCOPY wanted /wanted\n");
        writeFiles(context.resolve("wanted"), 50, 1_000);
        writeFiles(context.resolve("unwanted"), 2_000, 10_000);

        assertThat(build(image("context"), BOTH, context).exitCode()).isZero();
        long first = storedBytes();
        Files.writeString(context.resolve("wanted/file-7"), "changed");
        assertThat(build(image("context"), BOTH, context).exitCode()).isZero();

        assertThat(first).as("bytes of the first build").isLessThan(50 * 1_000 + 500_000);
        assertThat(storedBytes() - first).as("bytes of the second build").isLessThan(400_000);
    }

    @Test
    void registryDown_threeAttemptsThenOneLine() throws Exception {
        farm.agent("amd64-1", "linux/amd64");
        Path context = farm.context("Dockerfile", "FROM " + base + "\n");

        Farm.Result result = build("127.0.0.1:1/closed/app:1", "linux/amd64", context);

        assertThat(result.exitCode()).as(result.all()).isEqualTo(76);
        assertThat(result.err())
                .contains("127.0.0.1:1", "connection refused", "attempt 3 of 3")
                .doesNotContain("\tat ");
    }

    private Farm.Result build(String image, String platforms, Path context) {
        return farm.run(
                Map.of(),
                "build",
                "--progress",
                "plain",
                "--platform",
                platforms,
                "-t",
                image,
                "--push",
                context.toString());
    }

    private static String image(String name) {
        return Lab.registry() + "/it/" + name + ProcessHandle.current().pid() + ":1";
    }

    private static void writeFiles(Path directory, int count, int bytes) throws IOException {
        Files.createDirectories(directory);
        for (int i = 0; i < count; i++) {
            Files.writeString(
                    directory.resolve("file-" + i),
                    (i + " ").repeat(bytes / Integer.toString(i).length() / 2));
        }
    }

    /** Bytes in the coordinator's context store. */
    private long storedBytes() throws IOException {
        try (var files = Files.walk(directory.resolve("data"))) {
            return files.filter(
                            file -> Files.isRegularFile(file) && file.toString().contains("context"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    private static List<String> processesWith(String commandLine) {
        List<String> found = new ArrayList<>();
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                Path file = process.resolve("cmdline");
                if (Files.isReadable(file) && read(file).startsWith(commandLine)) {
                    found.add(process.toString());
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return found;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    private static List<String> runnablePlatforms(String image) throws Exception {
        List<String> platforms = new ArrayList<>();
        for (JsonNode entry : new JsonMapper().readTree(manifest(image)).get("manifests")) {
            JsonNode platform = entry.get("platform");
            String name = platform.get("os").asText() + "/"
                    + platform.get("architecture").asText();
            if (!name.equals("unknown/unknown")) {
                platforms.add(name);
            }
        }
        return platforms;
    }

    private static String manifest(String image) throws IOException, InterruptedException {
        String repository = image.substring(image.indexOf('/') + 1, image.lastIndexOf(':'));
        URI uri = URI.create("http://" + Lab.registry() + "/v2/" + repository + "/manifests/"
                + image.substring(image.lastIndexOf(':') + 1));
        HttpResponse<String> response = HTTP.send(
                HttpRequest.newBuilder(uri)
                        .header("Accept", "application/vnd.oci.image.index.v1+json")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }
}
