package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.architecture.Lab;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that are not for their platform inside get no tag, and the user learns which line made them so. */
@Tag("lab")
final class ArchitectureIT {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String BOTH = "linux/amd64,linux/386";

    @TempDir
    private Path directory;

    private Farm farm;
    private String base;
    private String tools;

    @BeforeEach
    void startFarm() throws Exception {
        base = "FROM " + Lab.registry() + "/lab/busybox:1\n";
        // Compiles for amd64, whatever the image is for.
        tools = "FROM --platform=linux/amd64 " + System.getenv("SHEAF_LAB_GCC") + " AS tools\n"
                + "RUN printf 'int main(){return 0;}' > /tool.c && gcc -static -o /tool /tool.c\n" + base;
        farm = Farm.start(directory);
        farm.agent("one", "linux/amd64", "linux/386");
    }

    @AfterEach
    void stopFarm() throws Exception {
        farm.close();
    }

    @Test
    void copiedProgramOfAnotherArchitecture_noTag_andTheLineThatCopiedIt() throws Exception {
        String image = image("copied");
        Path context = farm.context(
                "Dockerfile", tools + "COPY --from=tools /tool /usr/local/bin/tool\nENTRYPOINT [\"tool\"]\n");

        Farm.Result result = build(image, context);

        assertThat(result.exitCode()).as(result.all()).isEqualTo(65);
        assertThat(result.err())
                .contains("Dockerfile:4")
                .contains("4 | >>> COPY --from=tools /tool /usr/local/bin/tool")
                .containsPattern(
                        "ERROR: linux/386: /usr/local/bin/tool is an x86-64 program.*linux/386.*no tag was moved");
        assertThat(tags("copied")).isEmpty();

        String newest =
                farm.run("builds", "--format", "json").out().lines().findFirst().orElseThrow();
        Farm.Result shown =
                farm.run("show", new JsonMapper().readTree(newest).get("id").asText());
        assertThat(shown.out()).contains("/usr/local/bin/tool").contains("failed");
    }

    @Test
    void exception_letsItPass_withANote() throws Exception {
        String image = image("excepted");
        Path context = farm.context(
                "Dockerfile",
                tools + "COPY --from=tools /tool /usr/local/bin/tool\nENTRYPOINT [\"/bin/sh\"]\n",
                ".archignore",
                "/usr/local/bin/tool linux/386 is for amd64 guests\n");

        Farm.Result result = build(image, context);

        assertThat(result.exitCode()).as(result.all()).isZero();
        assertThat(result.err()).containsPattern("linux/386: note: /usr/local/bin/tool .*is for amd64 guests");
        assertThat(tags("excepted")).containsExactly("1");
    }

    @Test
    void entrypointMode_warnsOfWhatIsNotExecutedAtOnce() throws Exception {
        Path context = farm.context(
                "Dockerfile", tools + "COPY --from=tools /tool /usr/local/bin/tool\nENTRYPOINT [\"/bin/sh\"]\n");

        Farm.Result strict = build(image("mode"), context);
        assertThat(strict.exitCode()).as(strict.all()).isEqualTo(65);
        Farm.Result entrypoint = build(image("mode"), context, "--verify-arch", "entrypoint");
        assertThat(entrypoint.exitCode()).as(entrypoint.all()).isZero();
        assertThat(entrypoint.err()).containsPattern("linux/386: warning: /usr/local/bin/tool ");
        Farm.Result off = build(image("mode"), context, "--verify-arch", "off");
        assertThat(off.exitCode()).as(off.all()).isZero();
        assertThat(off.err()).doesNotContain("/usr/local/bin/tool is");
    }

    @Test
    void goodImage_isCheckedOnce_andItsLayersAreRemembered() throws Exception {
        Path context = farm.context("Dockerfile", base + "RUN echo good > /good\n");
        Path metadata = directory.resolve("metadata.json");
        assertThat(build(image("good"), context).exitCode()).isZero();
        Files.writeString(context.resolve("Dockerfile"), "RUN echo more > /more\n", StandardOpenOption.APPEND);

        Farm.Result result = build(image("good"), context, "--metadata-file", metadata.toString());

        assertThat(result.exitCode()).as(result.all()).isZero();
        JsonNode check =
                new JsonMapper().readTree(metadata.toFile()).at("/sheaf.build/platforms/linux~1386/architectureCheck");
        assertThat(check.get("mode").asText()).isEqualTo("strict");
        assertThat(check.get("layersRead").asInt()).isEqualTo(1);
        assertThat(check.get("layersRemembered").asInt()).isGreaterThanOrEqualTo(2);
        assertThat(check.get("bytesRead").asLong()).isBetween(1L, 10_000L);
        assertThat(check.get("notes")).isEmpty();

        farm.coordinator().kill9();
        farm.restartCoordinator();
        farm.agent("two", "linux/386");
        Farm.Result again = build(image("good"), context, "--metadata-file", metadata.toString(), "--no-cache");
        assertThat(again.exitCode()).as(again.all()).isZero();
        assertThat(new JsonMapper()
                        .readTree(metadata.toFile())
                        .at("/sheaf.build/platforms/linux~1386/architectureCheck/layersRemembered")
                        .asInt())
                .as("layers of the base, remembered over a restart")
                .isPositive();
    }

    @Test
    void wrongWords_areRefusedInOneLine() throws Exception {
        Path context = farm.context("Dockerfile", "FROM scratch\n", ".archignore", "tool why\n");

        Farm.Result mode = build(image("words"), context, "--verify-arch", "maybe");
        assertThat(mode.exitCode()).isEqualTo(1);
        assertThat(mode.err()).contains("--verify-arch=maybe is not known; it is off, entrypoint or strict");
        Farm.Result ignore = build(image("words"), context);
        assertThat(ignore.exitCode()).isEqualTo(1);
        assertThat(ignore.err()).contains(".archignore:1: \"tool\" is not an absolute path");
    }

    private Farm.Result build(String image, Path context, String... flags) throws Exception {
        List<String> arguments =
                new ArrayList<>(List.of("build", "--progress", "plain", "--platform", BOTH, "-t", image, "--push"));
        arguments.addAll(List.of(flags));
        arguments.add(context.toString());
        return farm.run(arguments.toArray(String[]::new));
    }

    private static String image(String name) {
        return Lab.registry() + "/architecture/" + name + ":1";
    }

    private static List<String> tags(String name) throws Exception {
        URI list = URI.create("http://" + Lab.registry() + "/v2/architecture/" + name + "/tags/list");
        HttpResponse<String> answer =
                HTTP.send(HttpRequest.newBuilder(list).build(), HttpResponse.BodyHandlers.ofString());
        JsonNode tags = new JsonMapper().readTree(answer.body()).path("tags");
        List<String> found = new ArrayList<>();
        tags.forEach(tag -> found.add(tag.asText()));
        return found;
    }
}
