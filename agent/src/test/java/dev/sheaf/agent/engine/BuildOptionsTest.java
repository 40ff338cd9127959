package dev.sheaf.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.ByteString;
import dev.sheaf.architecture.Lab;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.Vertex;
import dev.sheaf.v1.VertexLog;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the flags of a build make of the image, on a real engine. */
@Tag("lab")
final class BuildOptionsTest {
    private static final Platform AMD64 =
            Platform.newBuilder().setOs("linux").setArchitecture("amd64").build();

    private static final JsonMapper JSON = new JsonMapper();

    private final String registry = Lab.registry();
    private final String from = "FROM " + Lab.busybox();
    private final ConcurrentLinkedQueue<Progress> heard = new ConcurrentLinkedQueue<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private Engine engine;

    @BeforeEach
    void open() {
        engine = TestEngines.open(Lab.dockerHost());
    }

    @AfterEach
    void close() {
        engine.close();
        http.close();
    }

    @Test
    void target_andLabels_endInTheImage() throws Exception {
        BuildSpec spec = BuildSpec.newBuilder()
                .setTarget("wanted")
                .putLabels("org.example.a", "b c")
                .build();

        String digest = build(
                spec,
                from + " AS wanted\nENV STAGE=wanted\n" + from + " AS other\nRUN exit 9\nENV STAGE=other\n",
                "options/target");

        JsonNode config = config("options/target", digest).get("config");
        assertThat(config.get("Env").toString()).contains("STAGE=wanted");
        assertThat(config.get("Labels").get("org.example.a").asText()).isEqualTo("b c");
    }

    @Test
    void noCache_runsAgainWhatIsCachedOtherwise() throws Exception {
        String dockerfile = from + "\nRUN echo " + UUID.randomUUID() + "\n";
        build(BuildSpec.getDefaultInstance(), dockerfile, "options/cache");

        build(BuildSpec.getDefaultInstance(), dockerfile, "options/cache");
        assertThat(run().getCached()).isTrue();
        build(BuildSpec.newBuilder().setNoCache(true).build(), dockerfile, "options/cache");
        assertThat(run().getCached()).isFalse();
    }

    @Test
    void pull_seesTheTagThatHasMoved() throws Exception {
        String base = registry + "/options/base";
        String first = build(BuildSpec.getDefaultInstance(), from + "\nENV BASE=first\n", "options/base");
        String second = build(BuildSpec.getDefaultInstance(), from + "\nENV BASE=second\n", "options/base");
        String tag = "t" + UUID.randomUUID();
        BuildSpec pull = BuildSpec.newBuilder().setPull(true).build();
        for (String digest : List.of(first, second)) {
            tag("options/base", digest, tag);

            String child = build(pull, "FROM " + base + ":" + tag + "\nENV A=1\n", "options/pull");

            assertThat(config("options/pull", child).get("config").get("Env").toString())
                    .contains(digest.equals(first) ? "BASE=first" : "BASE=second");
        }
    }

    @Test
    void severalRepositories_eachHoldTheImage() throws Exception {
        String digest = build(
                BuildSpec.getDefaultInstance(),
                from + "\nENV A=" + UUID.randomUUID() + "\n",
                "options/one",
                "options/two");

        assertThat(manifest("options/one", digest)).isEqualTo(manifest("options/two", digest));
    }

    @Test
    void provenance_isAnAttestationBesideTheImage() throws Exception {
        for (String mode : List.of("mode=min", "mode=max")) {
            String digest = build(
                    BuildSpec.newBuilder().setProvenance(mode).build(),
                    from + "\nRUN echo hello\n",
                    "options/attested");

            JsonNode index = manifest("options/attested", digest);
            assertThat(index.get("manifests")).hasSize(2);
            JsonNode attestation = index.get("manifests").get(1);
            assertThat(attestation.at("/annotations/vnd.docker.reference.type").asText())
                    .isEqualTo("attestation-manifest");
            assertThat(attestation
                            .at("/annotations/vnd.docker.reference.digest")
                            .asText())
                    .isEqualTo(index.get("manifests").get(0).get("digest").asText());
            JsonNode layer = manifest(
                            "options/attested", attestation.get("digest").asText())
                    .get("layers")
                    .get(0);
            assertThat(layer.at("/annotations/in-toto.io~1predicate-type").asText())
                    .startsWith("https://slsa.dev/provenance/");
        }
    }

    @Test
    void optionalSecret_isLeftOutWhenNobodyGivesIt() throws Exception {
        build(
                BuildSpec.getDefaultInstance(),
                from + "\nRUN --mount=type=secret,id=none test ! -e /run/secrets/none && echo left out #"
                        + UUID.randomUUID() + "\n",
                "options/secret");

        assertThat(heard.stream()
                        .flatMap(progress -> progress.getLogsList().stream())
                        .map(VertexLog::getData)
                        .reduce(ByteString.EMPTY, ByteString::concat)
                        .toStringUtf8())
                .contains("left out");
    }

    private String build(BuildSpec spec, String dockerfile, String... repositories) throws Exception {
        heard.clear();
        SolveRequest request = new SolveRequest(
                AMD64,
                spec,
                List.of(repositories).stream()
                        .map(name -> registry + "/" + name)
                        .toList(),
                List.of(),
                List.of(),
                new MemoryFiles(dockerfile, Map.of()));
        return engine.solve(request, heard::add).digest();
    }

    /** The step that the last build ran, as it was reported last. */
    private Vertex run() {
        return heard.stream()
                .flatMap(progress -> progress.getVertexesList().stream())
                .filter(vertex -> vertex.getName().contains("RUN"))
                .filter(Vertex::hasCompleted)
                .reduce((_, last) -> last)
                .orElseThrow();
    }

    private JsonNode config(String repository, String digest) throws Exception {
        JsonNode manifest = manifest(repository, digest);
        return json(repository + "/blobs/" + manifest.at("/config/digest").asText());
    }

    private JsonNode manifest(String repository, String digest) throws Exception {
        return json(repository + "/manifests/" + digest);
    }

    private void tag(String repository, String digest, String tag) throws Exception {
        String body = get(repository + "/manifests/" + digest);
        String type = JSON.readTree(body).get("mediaType").asText();
        HttpRequest put = HttpRequest.newBuilder(uri(repository + "/manifests/" + tag))
                .header("Content-Type", type)
                .PUT(HttpRequest.BodyPublishers.ofString(body))
                .build();
        assertThat(http.send(put, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(201);
    }

    private JsonNode json(String path) throws Exception {
        return JSON.readTree(get(path));
    }

    private String get(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri(path))
                .header(
                        "Accept",
                        "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, */*")
                .build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    private URI uri(String path) {
        return URI.create("http://" + registry + "/v2/" + path);
    }
}
