package dev.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.cli.output.Words;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageManifest;
import dev.sheaf.image.MediaType;
import dev.sheaf.image.Platform;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.testregistry.RegistryProcess;
import dev.sheaf.testregistry.TestImages;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/** {@code sheaf inspect} against a real registry. */
final class InspectCommandTest extends RegistryCommandTest {
    @Test
    void index_isShownWithPlatformsSizesAttestationsAndAnnotations() throws Exception {
        Descriptor amd = images.image(AMD64, "one").withPlatform(AMD64);
        Descriptor arm = images.image(ARM64, "three").withPlatform(ARM64);
        Descriptor provenance = provenance(amd);
        Descriptor index = tagIndex("1", amd, arm, provenance);

        assertThat(terminal.run("inspect", name + ":1")).as(terminal.err()).isZero();

        assertThat(terminal.out())
                .contains("Name:       " + name + ":1")
                .contains("Digest:     " + index.digest())
                .contains("Media type: application/vnd.oci.image.index.v1+json")
                .containsPattern("linux/amd64 +" + size(amd) + " +1 +oci +" + amd.digest())
                .containsPattern("linux/arm64 +" + size(arm) + " +1 +oci +" + arm.digest())
                .containsPattern("provenance, sbom +linux/amd64 +" + provenance.digest())
                .doesNotContain("WARN");
    }

    @Test
    void index_asJson_hasEveryKeyThatTheDocumentationLists() throws Exception {
        Descriptor amd = images.image(AMD64, "one").withPlatform(AMD64);
        Descriptor provenance = provenance(amd);
        Descriptor index = tagIndex("1", amd, provenance);

        assertThat(terminal.run("inspect", "--format", "json", name + ":1"))
                .as(terminal.err())
                .isZero();

        JsonNode root = new JsonMapper().readTree(terminal.out());
        assertThat(root.fieldNames())
                .toIterable()
                .containsExactly(
                        "name", "mediaType", "digest", "size", "annotations", "images", "attestations", "others");
        assertThat(root.get("digest").asText()).isEqualTo(index.digest().value());
        JsonNode image = root.at("/images/0");
        assertThat(image.get("platform").asText()).isEqualTo("linux/amd64");
        assertThat(image.get("configPlatform").asText()).isEqualTo("linux/amd64");
        assertThat(image.get("digest").asText()).isEqualTo(amd.digest().value());
        assertThat(image.get("missing").asBoolean(true)).isFalse();
        assertThat(image.get("layersSize").asLong()).isEqualTo(manifest(amd).layersSize());
        assertThat(image.at("/layers/0/size").asLong()).isEqualTo(manifest(amd).layersSize());
        assertThat(image.at("/config/mediaType").asText()).isEqualTo(MediaType.OCI_CONFIG.value());
        assertThat(root.at("/attestations/0/about").asText())
                .isEqualTo(amd.digest().value());
        assertThat(root.at("/attestations/0/predicateTypes"))
                .extracting(JsonNode::asText)
                .containsExactly("https://slsa.dev/provenance/v0.2", "https://spdx.dev/Document");
    }

    @Test
    void raw_isTheRegistrysBytes() throws Exception {
        tagIndex("1", images.image(AMD64, "one").withPlatform(AMD64));

        assertThat(terminal.run("inspect", "--raw", name + ":1")).isZero();

        assertThat(terminal.out().getBytes(StandardCharsets.UTF_8))
                .isEqualTo(registry.get("team/app", "1").bytes());
    }

    @Test
    void singleImage_byDigest_isShown() throws Exception {
        Descriptor arm = images.image(Platform.parse("linux/arm/v6"), "one");

        assertThat(terminal.run("inspect", name + "@" + arm.digest()))
                .as(terminal.err())
                .isZero();

        assertThat(terminal.out())
                .contains("Media type: application/vnd.oci.image.manifest.v1+json")
                .containsPattern("linux/arm/v6 +" + size(arm) + " +1 +oci +" + arm.digest());
    }

    @Test
    void whatIsWrongAtFirstSight_isSaid() throws Exception {
        Descriptor wrong = images.image(AMD64, "one").withPlatform(ARM64);
        Descriptor gone = images.image(AMD64, "two").withPlatform(AMD64);
        tagIndex("1", wrong, gone);
        delete(gone);

        assertThat(terminal.run("inspect", name + ":1")).as(terminal.err()).isZero();

        assertThat(terminal.out())
                .contains("WARN: " + wrong.digest() + " is linux/amd64 by its config, and the index says linux/arm64")
                .contains("WARN: the registry does not have " + gone.digest() + ", which the index names")
                .containsPattern("linux/amd64 +missing");
    }

    @Test
    void whatCannotBeShown_isOneLineAndAnExitCode() throws Exception {
        assertThat(terminal.run("inspect", name + ":none")).isEqualTo(1);
        assertThat(terminal.lastErrorLine())
                .startsWith("ERROR: cannot read none from repository team/app of registry " + process.address());
        assertThat(terminal.run("inspect", "team/UPPER")).isEqualTo(1);
        assertThat(terminal.lastErrorLine()).contains("must be lower-case");
        assertThat(terminal.run("inspect", "--raw", "--format", "json", name)).isEqualTo(1);
        assertThat(terminal.lastErrorLine()).contains("exclude each other");
        assertThat(terminal.run("inspect")).isEqualTo(1);
        process.kill();
        assertThat(terminal.run("inspect", name + ":1")).isEqualTo(76);
        assertThat(terminal.lastErrorLine()).contains("check that the registry runs");
        assertThat(terminal.err().lines()).allMatch(line -> line.startsWith("ERROR: "));
    }

    @Test
    void dockersLogin_isUsed() throws Exception {
        Path locked = Files.createDirectory(directory.resolve("locked"));
        try (RegistryProcess other = RegistryProcess.withPasswords(locked, "ann", "s3cret-pw")) {
            Registry own = registries.open(other.address(), new Credentials.Basic("ann", "s3cret-pw"));
            Descriptor image = new TestImages(own, "team/app").image(AMD64, "one");
            String reference = other.address() + "/team/app@" + image.digest();
            assertThat(terminal.run("inspect", reference)).isEqualTo(77);
            assertThat(terminal.lastErrorLine()).contains("docker login " + other.address());

            Path config = Files.createDirectory(directory.resolve("docker"));
            String login = Base64.getEncoder().encodeToString("ann:s3cret-pw".getBytes(StandardCharsets.UTF_8));
            Files.writeString(
                    config.resolve("config.json"),
                    "{\"auths\":{\"" + other.address() + "\":{\"auth\":\"" + login + "\"}}}");
            terminal.environment.put("DOCKER_CONFIG", config.toString());

            assertThat(terminal.run("inspect", reference)).as(terminal.err()).isZero();
            assertThat(terminal.out()).contains("linux/amd64").doesNotContain("s3cret");
        }
    }

    private ImageManifest manifest(Descriptor image) throws Exception {
        return ImageManifest.parse(
                registry.get("team/app", image.digest().value()).bytes());
    }

    private String size(Descriptor image) throws Exception {
        return Words.bytes(manifest(image).layersSize());
    }

    /** As BuildKit makes it: a layer for each statement. */
    private Descriptor provenance(Descriptor about) throws Exception {
        byte[] blob = "{}".getBytes(StandardCharsets.UTF_8);
        registry.upload("team/app", Digest.of(blob), blob.length, () -> new ByteArrayInputStream(blob));
        String content = "\"digest\":\"" + Digest.of(blob) + "\",\"size\":2";
        String layer = "{\"mediaType\":\"application/vnd.in-toto+json\"," + content
                + ",\"annotations\":{\"in-toto.io/predicate-type\":\"%s\"}}";
        byte[] manifest = ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST
                        + "\",\"config\":{\"mediaType\":\"" + MediaType.OCI_CONFIG + "\"," + content + "},\"layers\":["
                        + layer.formatted("https://slsa.dev/provenance/v0.2") + ","
                        + layer.formatted("https://spdx.dev/Document") + "]}")
                .getBytes(StandardCharsets.UTF_8);
        Descriptor put = registry.put("team/app", Digest.of(manifest).value(), MediaType.OCI_MANIFEST, manifest);
        Descriptor plain = images.attestation(about, "plain");
        return put.withPlatform(Platform.UNKNOWN).withAnnotations(plain.annotations());
    }
}
