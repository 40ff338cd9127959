package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.architecture.Lab;
import dev.sheaf.faults.oracle.TagReader;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.ManifestContent;
import dev.sheaf.image.registry.Registries;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RetryPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One source for all platforms where engines resolve bases themselves: the Dockerfile is in a git repository. */
@Tag("lab")
final class MaterialsIT {
    private static final String BOTH = "linux/amd64,linux/386";
    private static final String NAME = "it/material" + ProcessHandle.current().pid();
    private static final String BASE = NAME + "-base";

    @TempDir
    private Path directory;

    private Farm farm;
    private ContextServer server;
    private Registries registries;
    private Registry registry;

    @BeforeEach
    void start() throws Exception {
        registries = new Registries(RetryPolicy.standard(() -> 0, Thread::sleep), InstantSource.system(), Set.of());
        registry = registries.open(Lab.registry(), Credentials.ANONYMOUS);
        farm = Farm.start(directory);
        server = ContextServer.start(Files.createDirectory(directory.resolve("served")));
    }

    @AfterEach
    void stop() {
        server.close();
        farm.close();
        registries.close();
    }

    @Test
    void baseTagMovesBetweenTwoSlices_noTagMoves_andBuiltAgainAllIsWell() throws Exception {
        farm.agent("amd64-1", "linux/amd64");
        String first;
        String second;
        try (Program other = farm.agent("386-1", "linux/386")) {
            base("first");
            base("second");
            assertThat(other.isAlive()).isTrue();
        }
        first = move("first");
        String source = repository();
        String image = Lab.registry() + "/" + NAME + ":1";
        try (Program build = farm.start(arguments(image, "--wait", "120s", source))) {
            build.awaitLine(Pattern.compile("linux/amd64.*built"), Duration.ofMinutes(2));
            second = move("second");
            farm.agent("386-2", "linux/386");

            assertThat(build.await(Duration.ofMinutes(2))).as(build.err()).isEqualTo(65);
            assertThat(build.err().lines().filter(line -> line.startsWith("ERROR: ")))
                    .singleElement()
                    .isEqualTo("ERROR: the platforms were not built from one source: " + Lab.registry() + "/" + BASE
                            + ":1 was " + second + " for linux/386, and " + first
                            + " for linux/amd64; it has changed in"
                            + " between: build again; no tag was moved");
        }
        assertThat(TagReader.read(image, Lab.registry())).isEmpty();

        Path metadata = directory.resolve("metadata.json");
        Farm.Result again = farm.run(arguments(image, "--metadata-file", metadata.toString(), source));
        assertThat(again.exitCode()).as(again.all()).isZero();
        assertThat(Docker.run("linux/amd64", image, "cat", "/seen")).isEqualTo("second");
        assertThat(Docker.run("linux/386", image, "cat", "/seen")).isEqualTo("second");
        assertRecorded(new JsonMapper().readTree(metadata.toFile()).get("sheaf.build"), second);
    }

    private void assertRecorded(JsonNode build, String digest) {
        for (String platform : List.of("linux/amd64", "linux/386")) {
            JsonNode materials = build.get("platforms").get(platform).get("materials");
            assertThat(materials.findValuesAsText("kind")).containsExactlyInAnyOrder("image", "git");
            assertThat(materials.findValuesAsText("name")).contains(Lab.registry() + "/" + BASE + ":1");
            assertThat(materials.findValuesAsText("digest")).contains(digest);
        }
        assertThat(farm.run("show", build.get("id").asText()).out())
                .containsOnlyOnce("base:       " + Lab.registry() + "/" + BASE + ":1@" + digest);
    }

    @Test
    void withoutProvenance_theResultSaysThatNobodyKnows() throws Exception {
        farm.agent("both-1", "linux/amd64", "linux/386");
        Path metadata = directory.resolve("metadata.json");
        String image = Lab.registry() + "/" + NAME + ":2";
        base("only");
        move("only");

        Farm.Result built =
                farm.run(arguments(image, "--provenance=false", "--metadata-file", metadata.toString(), repository()));

        assertThat(built.exitCode()).as(built.all()).isZero();
        assertThat(built.err())
                .contains("it is not known whether all platforms were built from the same bases; of linux/386,"
                        + " linux/amd64: it was pushed without provenance");
        JsonNode build = new JsonMapper().readTree(metadata.toFile()).get("sheaf.build");
        assertThat(build.findValuesAsText("materialsUnknown"))
                .containsExactly("it was pushed without provenance", "it was pushed without provenance");
        assertThat(farm.run("show", build.get("id").asText()).out())
                .contains("base:       unknown for linux/386: it was pushed without provenance");
    }

    private static String[] arguments(String image, String... more) {
        return Stream.concat(
                        Stream.of("build", "--progress", "plain", "--platform", BOTH, "-t", image, "--push"),
                        Stream.of(more))
                .toArray(String[]::new);
    }

    /** Builds an image that says which one it is, for both platforms. */
    private void base(String name) throws Exception {
        Path context = farm.context("Dockerfile", "FROM " + Lab.busybox() + "\nRUN echo " + name + " > /which\n");
        Farm.Result built = farm.run(arguments(Lab.registry() + "/" + BASE + ":" + name, context.toString()));
        assertThat(built.exitCode()).as(built.all()).isZero();
    }

    /** Makes the tag point to one of those images; returns its digest. */
    private String move(String name) throws Exception {
        ManifestContent index = registry.get(BASE, name);
        registry.put(BASE, "1", index.mediaType(), index.bytes());
        return index.digest().value();
    }

    /** The address of a repository that builds on the tag. */
    private String repository() throws Exception {
        Path work = farm.context(
                "Dockerfile", "FROM " + Lab.registry() + "/" + BASE + ":1\nRUN cp /which /seen; cat /seen\n");
        Git.run(work, "init", "-q", "-b", "main");
        Git.run(work, "add", ".");
        Git.run(work, "commit", "-q", "-m", "first");
        Git.run(
                work,
                "clone",
                "-q",
                "--bare",
                ".",
                directory.resolve("served/app.git").toString());
        return server.url("app.git");
    }
}
