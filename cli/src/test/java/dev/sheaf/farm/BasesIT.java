package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.architecture.Lab;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.ManifestContent;
import dev.sheaf.image.registry.Registries;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RetryPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One source for all platforms: what happens when a base image's tag moves, and what sheaf check and plan say of it. */
@Tag("lab")
final class BasesIT {
    private static final String BOTH = "linux/amd64,linux/386";
    private static final String MOVING = "it/moving" + ProcessHandle.current().pid();

    @TempDir
    private Path directory;

    private Farm farm;
    private Registries registries;
    private Registry registry;

    @BeforeEach
    void startFarm() throws Exception {
        registries = new Registries(RetryPolicy.standard(() -> 0, Thread::sleep), InstantSource.system(), Set.of());
        registry = registries.open(Lab.registry(), Credentials.ANONYMOUS);
        farm = Farm.start(directory);
    }

    @AfterEach
    void stopFarm() {
        farm.close();
        registries.close();
    }

    @Test
    void baseTagMovesBetweenTwoSlices_bothGetTheFirst() throws Exception {
        farm.agent("amd64-1", "linux/amd64");
        try (Program other = farm.agent("386-1", "linux/386")) {
            base("first");
            base("second");
            assertThat(other.isAlive()).isTrue();
        }
        String first = move("first");
        String image = Lab.registry() + "/it/pinned" + ProcessHandle.current().pid() + ":1";
        Path context = context();
        Path metadata = directory.resolve("metadata.json");
        try (Program build = farm.start(
                "build",
                "--progress",
                "plain",
                "--wait",
                "120s",
                "--metadata-file",
                metadata.toString(),
                "--platform",
                BOTH,
                "-t",
                image,
                "--push",
                context.toString())) {
            build.awaitLine(Pattern.compile("linux/amd64.*built"), Duration.ofMinutes(2));
            move("second");
            farm.agent("386-2", "linux/386");

            assertThat(build.await(Duration.ofMinutes(2))).as(build.err()).isZero();
            assertThat(build.err()).contains("base " + moving() + " is " + first);
        }
        assertThat(Docker.run("linux/amd64", image, "cat", "/seen")).isEqualTo("first");
        assertThat(Docker.run("linux/386", image, "cat", "/seen")).isEqualTo("first");
        JsonNode pin = new JsonMapper().readTree(metadata.toFile()).at("/sheaf.build/bases/0");
        assertThat(pin.get("reference").asText()).isEqualTo(moving());
        assertThat(pin.get("digest").asText()).isEqualTo(first);
        assertThat(pin.get("platforms").toString()).isEqualTo("[\"linux/386\",\"linux/amd64\"]");
        assertPinsAreKept(
                new JsonMapper()
                        .readTree(metadata.toFile())
                        .at("/sheaf.build/id")
                        .asText(),
                first,
                image);
    }

    /** Shown, stored, and known to builds that publish again. */
    private void assertPinsAreKept(String id, String first, String image) throws Exception {
        assertThat(farm.run("show", id).out()).contains("base:       " + moving() + "@" + first);
        farm.coordinator().kill9();
        farm.restartCoordinator();
        JsonNode stored = new JsonMapper()
                .readTree(farm.run("show", "--format", "json", id).out());
        assertThat(stored.at("/bases/0/digest").asText()).isEqualTo(first);
        Farm.Result stitched = farm.run("stitch", "-t", image + "-again", id);
        assertThat(stitched.exitCode()).as(stitched.all()).isZero();
        assertThat(farm.run("builds").out()).contains(image + "-again");
    }

    @Test
    void lockFileIsWrittenAndRepeated_whateverTheTagPointsTo() throws Exception {
        farm.agent("both-1", "linux/amd64", "linux/386");
        base("first");
        base("second");
        move("first");
        Path context = context();
        Path lock = directory.resolve("sheaf.lock");
        assertThat(build("--write-lock=" + lock, context).exitCode()).isZero();
        assertThat(Files.readString(lock)).contains(moving());
        String second = move("second");

        Farm.Result locked = build("--locked=" + lock, context);
        Farm.Result unlocked = build("--detach=false", context);

        assertThat(locked.exitCode()).as(locked.all()).isZero();
        assertThat(locked.err()).contains("I see first").doesNotContain("I see second");
        assertThat(unlocked.err()).contains("I see second", second);
        Path other = farm.context("Dockerfile", "FROM " + Lab.busybox() + "\n");
        Farm.Result refused = build("--locked=" + lock, other);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err())
                .contains("ERROR: ", "does not name " + Lab.busybox() + " (Dockerfile line 1)")
                .doesNotContain("\tat ");
    }

    @Test
    void basesThatCannotServe_areRefusedBeforeBuilding_andCheckNamesThem() throws Exception {
        farm.agent("both-1", "linux/amd64", "linux/386");
        Path lacking = farm.context("Dockerfile", "FROM scratch\nCOPY --from=" + Lab.busybox() + " /bin/sh /sh\n");

        Farm.Result refused = farm.run("build", "--platform", "linux/amd64,linux/s390x", lacking.toString());
        Farm.Result check =
                farm.run("check", "--platform", "linux/amd64,linux/s390x", "--format", "json", lacking.toString());

        assertThat(refused.exitCode()).as(refused.all()).isEqualTo(1);
        assertThat(refused.err())
                .contains("ERROR: Dockerfile line 2: the base " + Lab.busybox() + " has no linux/s390x; it has ")
                .contains("linux/386", "linux/amd64");
        assertThat(check.exitCode()).as(check.all()).isEqualTo(1);
        JsonNode finding = new JsonMapper().readTree(check.out()).at("/findings/0");
        assertThat(finding.get("rule").asText()).isEqualTo("base-lacks-platform");
        assertThat(finding.get("line").asInt()).isEqualTo(2);
        assertThat(farm.run("check", "--offline", lacking.toString()).exitCode())
                .isZero();

        ManifestContent index = registry.get("lab/busybox", "1");
        String single = dev.sheaf.image.ImageIndex.parse(index.bytes()).runnable().stream()
                .filter(entry -> entry.platform().orElseThrow().architecture().equals("amd64"))
                .findFirst()
                .orElseThrow()
                .digest()
                .value();
        Path one = farm.context("Dockerfile", "FROM " + Lab.registry() + "/lab/busybox@" + single + "\n");
        Farm.Result singleRefused = farm.run("build", "--platform", BOTH, one.toString());
        assertThat(singleRefused.exitCode()).as(singleRefused.all()).isEqualTo(1);
        assertThat(singleRefused.err())
                .contains("is an image of one platform, linux/amd64, and is needed for linux/386");
    }

    @Test
    void aRegistryThatIsAway_leavesTheBaseToTheEngines() throws Exception {
        farm.agent("amd64-1", "linux/amd64");
        Path context = farm.context(
                "Dockerfile", "FROM 127.0.0.1:1/gone/base:1 AS unused\nFROM " + Lab.busybox() + "\nRUN true\n");
        Path needing = farm.context("Dockerfile", "FROM 127.0.0.1:1/gone/base:1\n");

        assertThat(farm.run("build", "--platform", "linux/amd64", context.toString())
                        .exitCode())
                .isZero();
        Farm.Result result = farm.run("build", "--platform", "linux/amd64", needing.toString());
        assertThat(result.err()).contains("the base 127.0.0.1:1/gone/base:1 is not pinned");
        assertThat(result.exitCode()).as(result.all()).isEqualTo(76);
    }

    @Test
    void planSaysWhoWouldBuildAndWithWhat_andLintWarnsWithoutFailing() throws Exception {
        farm.agent("amd64-1", "linux/amd64");
        Path context = farm.context(
                "Dockerfile", "FROM " + Lab.busybox() + "\nRUN : curl https://example.com/tool-amd64.tgz\n");
        Farm.Result built = farm.run("build", "--platform", "linux/amd64", context.toString());
        assertThat(built.exitCode()).as(built.all()).isZero();

        Farm.Result plan = farm.run("plan", "--platform", BOTH, "--format", "json", context.toString());
        Farm.Result table = farm.run("plan", "--platform", BOTH, context.toString());

        assertThat(plan.exitCode()).as(plan.all()).isZero();
        JsonNode root = new JsonMapper().readTree(plan.out());
        assertThat(root.at("/slices/0/agent").asText()).isEqualTo("amd64-1");
        assertThat(root.at("/slices/0/reason").asText()).contains("natively", "slots free");
        assertThat(root.at("/slices/0/expectedMillis").asLong()).isPositive();
        assertThat(root.at("/slices/0/expectedFromSameContext").asBoolean()).isTrue();
        assertThat(root.at("/slices/1").has("agent")).isFalse();
        assertThat(root.at("/slices/1/reason").asText())
                .isEqualTo("no agent proves linux/386; the farm has linux/amd64");
        assertThat(root.at("/bases/0/reference").asText()).isEqualTo(Lab.busybox());
        assertThat(root.at("/findings").asInt()).isEqualTo(1);
        assertThat(table.out()).contains("linux/amd64", "amd64-1", "no agent proves linux/386", "sheaf check finds 1");
        assertThat(farm.run("builds").out().lines()).as("nothing was submitted").hasSize(2);

        farm.agent("386-1", "linux/386");
        Farm.Result warned = farm.run("build", "--platform", BOTH, context.toString());
        assertThat(warned.exitCode()).as(warned.all()).isZero();
        assertThat(warned.err()).contains("warning: Dockerfile line 2: ", "(hard-coded-download)");
    }

    /** Builds an image that says which one it is, for both platforms. */
    private void base(String name) throws Exception {
        Path context = farm.context("Dockerfile", "FROM " + Lab.busybox() + "\nRUN echo " + name + " > /which\n");
        Farm.Result built = farm.run(
                "build",
                "--platform",
                BOTH,
                "-t",
                Lab.registry() + "/" + MOVING + ":" + name,
                "--push",
                context.toString());
        assertThat(built.exitCode()).as(built.all()).isZero();
    }

    /** Makes the tag point to one of those images; returns its digest. */
    private String move(String name) throws Exception {
        ManifestContent index = registry.get(MOVING, name);
        registry.put(MOVING, "1", index.mediaType(), index.bytes());
        return index.digest().value();
    }

    private static String moving() {
        return Lab.registry() + "/" + MOVING + ":1";
    }

    private Path context() throws Exception {
        return farm.context("Dockerfile", "FROM " + moving() + "\nRUN cp /which /seen; echo I see $(cat /seen)\n");
    }

    private Farm.Result build(String flag, Path context) {
        return farm.run("build", "--no-cache", "--progress", "plain", "--platform", BOTH, flag, context.toString());
    }
}
