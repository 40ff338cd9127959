package dev.sheaf.coordinator.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordinator.build.VerifiedSlice.Material;
import dev.sheaf.coordinator.build.VerifiedSlice.Material.Kind;
import dev.sheaf.coordinator.build.VerifiedSlice.Materials;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.MediaType;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What engines attest, as they write it. */
final class ProvenanceTest {
    private static final String HEX = "aeafbbc828d0e1ec36eb928a36da90d9a218e065d0d828126dd189ca7d3b191c";

    /** BuildKit 0.13 wrote this about a git context; the digest of the image is that of its index. */
    private static final String BUILDKIT_0_13 = """
            {"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://slsa.dev/provenance/v0.2","subject":\
            [{"name":"pkg:docker/127.0.0.1%3A20039/prov/app@1?platform=linux%2F386","digest":{"sha256":\
            "b9ed4babb94afc97c029022267fcdd2d5fae26c7f9fd49e742d71ba2a45da855"}}],"predicate":{"builder":{"id":""},\
            "buildType":"https://mobyproject.org/buildkit@v1","materials":[{"uri":\
            "pkg:docker/127.0.0.1%3A20039/lab/busybox@1?platform=linux%2F386","digest":{"sha256":\
            "aeafbbc828d0e1ec36eb928a36da90d9a218e065d0d828126dd189ca7d3b191c"}},{"uri":\
            "git://127.0.0.1:9419/app.git#main","digest":{"sha1":"fb4371b1748378e4a049513d09d9cd297dd2f8ed"}},{"uri":\
            "http://127.0.0.1:9420/file.txt?token=secret","digest":{"sha256":\
            "6667b2d1aab6a00caa5aee5af8ad9f1465e567abf1c209d15727d57b3e8f6e5f"}}],"invocation":{"configSource":{"uri":\
            "git://127.0.0.1:9419/app.git#main","digest":{"sha1":"fb4371b1748378e4a049513d09d9cd297dd2f8ed"},\
            "entryPoint":"Dockerfile"},"parameters":{"frontend":"dockerfile.v0"},"environment":{"platform":\
            "linux/amd64"}},"metadata":{"buildInvocationID":"w5jaikjudcx490rnzplj8igbr","buildStartedOn":\
            "2026-11-22T02:32:05.24018175Z","buildFinishedOn":"2026-11-22T02:32:07.07546969Z","completeness":\
            {"parameters":true,"environment":true,"materials":true},"reproducible":false,\
            "https://mobyproject.org/buildkit@v1#metadata":{}}}}""";

    private static Materials read(String json) {
        return Provenance.materials(json.getBytes(StandardCharsets.UTF_8));
    }

    private static Materials of(String uri, String digests) {
        return read("{\"predicate\":{\"materials\":[{\"uri\":\"" + uri + "\",\"digest\":" + digests + "}]}}");
    }

    @Test
    void materials_ofARealBuild() {
        Materials materials = read(BUILDKIT_0_13);
        assertThat(materials.unknown()).isEmpty();
        assertThat(materials.all())
                .containsExactly(
                        new Material(Kind.IMAGE, "127.0.0.1:20039/lab/busybox:1", "sha256:" + HEX),
                        new Material(
                                Kind.GIT,
                                "git://127.0.0.1:9419/app.git#main",
                                "fb4371b1748378e4a049513d09d9cd297dd2f8ed"),
                        new Material(
                                Kind.DOWNLOAD,
                                "http://127.0.0.1:9420/file.txt",
                                "sha256:6667b2d1aab6a00caa5aee5af8ad9f1465e567abf1c209d15727d57b3e8f6e5f"));
    }

    @ParameterizedTest
    @CsvSource({
        "pkg:docker/alpine@3.17?platform=linux%2Famd64, docker.io/library/alpine:3.17",
        "pkg:docker/alpine, docker.io/library/alpine:latest",
        "pkg:docker/team/app@1, docker.io/team/app:1",
        "pkg:docker/docker/dockerfile@1?platform=linux%2Farm64&x=y, docker.io/docker/dockerfile:1",
        "pkg:docker/ghcr.io/a/b@v1?digest=sha256%3A" + HEX + "&platform=linux%2F386, ghcr.io/a/b:v1@sha256:" + HEX,
        "pkg:docker/a@1?digest=sha256:" + HEX + ", docker.io/library/a:1@sha256:" + HEX,
        "pkg:oci/layout?platform=linux, pkg:oci/layout",
    })
    void images_haveTheNamesThatPinsHave(String uri, String name) {
        assertThat(of(uri, "{\"sha256\":\"" + HEX + "\"}").all())
                .containsExactly(new Material(Kind.IMAGE, name, "sha256:" + HEX));
    }

    @Test
    void newerForm_isReadToo() {
        Materials materials = read("{\"predicateType\":\"https://slsa.dev/provenance/v1\",\"predicate\":"
                + "{\"buildDefinition\":{\"resolvedDependencies\":[{\"uri\":\"pkg:docker/alpine@3\",\"digest\":"
                + "{\"sha256\":\"" + HEX + "\"}}]}}}");
        assertThat(materials.all())
                .containsExactly(new Material(Kind.IMAGE, "docker.io/library/alpine:3", "sha256:" + HEX));
        assertThat(read("{\"predicate\":{}}").unknown()).isEmpty();
    }

    @Test
    void logins_areNotKept() {
        assertThat(of("https://ann:hunter2@git.example/app.git#v1", "{\"sha1\":\"fb4371b1748378e4\"}")
                        .all())
                .containsExactly(new Material(Kind.GIT, "https://git.example/app.git#v1", "fb4371b1748378e4"));
    }

    @Test
    void whatCannotBeRead_isUnknownInOneLine() {
        String many = IntStream.rangeClosed(0, Materials.MAX)
                .mapToObj(i -> "{\"uri\":\"pkg:docker/a" + i + "\",\"digest\":{\"sha256\":\"" + HEX + "\"}}")
                .collect(Collectors.joining(","));
        String long2 = "https://x.example/" + "x".repeat(1_000);
        for (Materials materials : java.util.List.of(
                read("{"),
                read("[]"),
                read("null"),
                read("{}"),
                read("{\"predicate\":{\"materials\":[null]}}"),
                read("{\"predicate\":{\"materials\":[{\"uri\":\"pkg:docker/alpine\"}]}}"),
                read("{\"predicate\":{\"materials\":[" + many + "]}}"),
                of("pkg:docker/alpine@3", "{\"sha1\":\"fb4371b1748378e4\"}"),
                of("pkg:docker/alpine@3", "{\"sha256\":\"x\\ny\"}"),
                of("pkg:docker/%zz@3", "{\"sha256\":\"" + HEX + "\"}"),
                of(long2, "{\"sha256\":\"" + HEX + "\"}"))) {
            assertThat(materials.all()).isEmpty();
            assertThat(materials.unknown()).startsWith("its provenance ").doesNotContain("\n");
        }
    }

    @Test
    void isProvenance_byTheLayersAnnotation() {
        Descriptor layer =
                Descriptor.of(new MediaType("application/vnd.in-toto+json"), Digest.parse("sha256:" + HEX), 9);
        String key = "in-toto.io/predicate-type";
        assertThat(Provenance.isProvenance(layer)).isFalse();
        assertThat(Provenance.isProvenance(layer.withAnnotations(Map.of(key, "https://slsa.dev/provenance/v0.2"))))
                .isTrue();
        assertThat(Provenance.isProvenance(layer.withAnnotations(Map.of(key, "https://spdx.dev/Document"))))
                .isFalse();
    }
}
