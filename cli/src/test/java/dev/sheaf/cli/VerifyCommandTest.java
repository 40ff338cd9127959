package dev.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.MediaType;
import dev.sheaf.image.Platform;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.Registries;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RetryPolicy;
import dev.sheaf.testregistry.ElfBytes;
import dev.sheaf.testregistry.LayerBytes;
import dev.sheaf.testregistry.RegistryProcess;
import dev.sheaf.testregistry.TestImages;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code sheaf verify}, and the gate of {@code sheaf create}, against a real registry. */
@Tag("lab")
@Timeout(60)
final class VerifyCommandTest {
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final Platform ARM64 = Platform.parse("linux/arm64");

    @TempDir
    Path directory = Path.of("");

    private final Registries registries =
            new Registries(RetryPolicy.standard(() -> 0, _ -> {}), InstantSource.system(), Set.of());
    private Terminal terminal = new Terminal(directory);
    private RegistryProcess process;
    private Registry registry;
    private String name = "";
    private Descriptor goodAmd;
    private Descriptor goodArm;
    /** Built natively, and with the other machine's program in it. */
    private Descriptor badArm;

    @BeforeEach
    void start() throws Exception {
        terminal = new Terminal(directory);
        process = RegistryProcess.start(Files.createDirectory(directory.resolve("registry")), "");
        registry = registries.open(process.address(), Credentials.ANONYMOUS);
        name = process.address() + "/team/app";
        goodAmd = image(AMD64, new LayerBytes().program("bin/app", ElfBytes.amd64()));
        goodArm = image(ARM64, new LayerBytes().program("bin/app", ElfBytes.arm64()));
        badArm = image(
                ARM64, new LayerBytes().program("bin/app", ElfBytes.amd64()).program("usr/bin/tool", ElfBytes.amd64()));
        tag("good", goodAmd, goodArm);
        tag("bad", goodAmd, badArm);
    }

    @AfterEach
    void stop() {
        registries.close();
        process.close();
    }

    @Test
    void imageThatFits_exits0_andSaysWhatWasRead() {
        assertThat(terminal.run("verify", name + ":good"))
                .as(terminal.out() + terminal.err())
                .isZero();

        assertThat(terminal.out())
                .containsPattern("linux/amd64 fits \\(" + goodAmd.digest() + "; 1 layer, \\d+(\\.\\d+k)?B read in ")
                .contains("linux/arm64 fits (" + goodArm.digest())
                .doesNotContain("error");
        assertThat(terminal.err()).isEmpty();
    }

    @Test
    void wrongArchitectureInside_exits65_andNamesFileLayerAndPlatform() {
        assertThat(terminal.run("verify", name + ":bad")).isEqualTo(65);

        assertThat(terminal.out())
                .contains("linux/amd64 fits")
                .contains("linux/arm64 does not fit (" + badArm.digest())
                .containsPattern("  error: /bin/app .*x86-64.*linux/arm64.*layer 1")
                .containsPattern("  error: /usr/bin/tool is an x86-64 program");
        assertThat(terminal.lastErrorLine())
                .isEqualTo("ERROR: " + name + ":bad does not hold what its platforms run: 2 errors, on linux/arm64");
    }

    @Test
    void mode_andPlatform_limitWhatIsChecked() {
        assertThat(terminal.run("verify", "--platform", "linux/amd64", name + ":bad"))
                .isZero();
        assertThat(terminal.out()).doesNotContain("linux/arm64");
        assertThat(terminal.run("verify", "--verify-arch", "off", name + ":bad"))
                .isZero();
        assertThat(terminal.run("verify", "--verify-arch", "entrypoint", name + ":bad"))
                .isEqualTo(65);
        assertThat(terminal.lastErrorLine()).contains(": 1 error, on linux/arm64");
        assertThat(terminal.run("verify", "--verify-arch", "much", name + ":bad"))
                .isEqualTo(1);
        assertThat(terminal.run("verify", "--platform", "linux/386,linux/arm64", name + ":good"))
                .isEqualTo(65);
        assertThat(terminal.lastErrorLine())
                .isEqualTo("ERROR: " + name + ":good has no linux/386; it has linux/amd64, linux/arm64");
    }

    @Test
    void json_hasEveryKeyThatTheDocumentationLists() throws Exception {
        assertThat(terminal.run("verify", "--format", "json", name + ":bad")).isEqualTo(65);

        JsonNode root = new JsonMapper().readTree(terminal.out());
        assertThat(root.fieldNames())
                .toIterable()
                .containsExactly("name", "digest", "fits", "platforms", "acrossPlatforms");
        assertThat(root.get("fits").asBoolean(true)).isFalse();
        assertThat(root.at("/platforms/0/fits").asBoolean()).isTrue();
        JsonNode finding = root.at("/platforms/1/findings/0");
        assertThat(finding.get("severity").asText()).isEqualTo("error");
        assertThat(finding.get("platform").asText()).isEqualTo("linux/arm64");
        assertThat(finding.get("subject").asText()).isEqualTo("/bin/app");
        assertThat(finding.get("layerNumber").asInt()).isEqualTo(1);
        assertThat(finding.get("sentence").asText()).startsWith("/bin/app ");
    }

    @Test
    void indexThatLies_orSharesALayer_isFound() throws Exception {
        tag("lie", goodAmd.withPlatform(ARM64));
        assertThat(terminal.run("verify", name + ":lie")).isEqualTo(65);
        assertThat(terminal.out()).contains("linux/arm64 does not fit");

        LayerBytes shared = new LayerBytes().program("usr/bin/tool", ElfBytes.amd64());
        tag("shared", image(AMD64, shared), image(ARM64, shared));
        assertThat(terminal.run("verify", name + ":shared")).isEqualTo(65);
        assertThat(terminal.out())
                .contains("all platforms together does not fit")
                .containsPattern("its layer is the same in the images for linux/a\\w+64 and linux/a\\w+64");
    }

    @Test
    void create_ofImagesThatDoNotFit_movesNoTagAndCopiesNothing() throws Exception {
        String other = process.address() + "/other/app:1";
        assertThat(terminal.run("create", "-t", other, name + ":bad")).isEqualTo(65);
        assertThat(terminal.err())
                .contains("linux/arm64 does not fit (" + badArm.digest())
                .containsPattern("  error: /bin/app ");
        assertThat(terminal.lastErrorLine())
                .contains("2 errors, on linux/arm64; no tag was moved")
                .contains("--verify-arch");
        assertThat(registry.head("other/app", "1")).isEmpty();
        assertThat(registry.head("other/app", badArm.digest().value())).isEmpty();

        assertThat(terminal.run("create", "-t", other, "--verify-arch=off", name + ":bad"))
                .isZero();
        assertThat(terminal.run("create", "-t", other, name + ":good")).isZero();
        assertThat(registry.head("other/app", "1").orElseThrow().digest())
                .isEqualTo(registry.get("team/app", "good").digest());
    }

    private void tag(String tag, Descriptor... images) throws Exception {
        Descriptor index = new TestImages(registry, "team/app").index(images);
        byte[] bytes = registry.get("team/app", index.digest().value()).bytes();
        registry.put("team/app", tag, index.mediaType(), bytes);
    }

    private Descriptor image(Platform platform, LayerBytes layer) throws Exception {
        String config = "{\"os\":\"linux\",\"architecture\":\"" + platform.architecture()
                + "\",\"config\":{\"Entrypoint\":[\"/bin/app\"]},\"history\":[{\"created_by\":\"COPY app /bin/\"}]}";
        String manifest = "{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST + "\",\"config\":"
                + blob(MediaType.OCI_CONFIG.value(), config.getBytes(StandardCharsets.UTF_8)) + ",\"layers\":["
                + blob("application/vnd.oci.image.layer.v1.tar+gzip", layer.gzip()) + "]}";
        byte[] bytes = manifest.getBytes(StandardCharsets.UTF_8);
        return registry.put("team/app", Digest.of(bytes).value(), MediaType.OCI_MANIFEST, bytes)
                .withPlatform(platform);
    }

    private String blob(String mediaType, byte[] content) throws Exception {
        Digest digest = Digest.of(content);
        registry.upload("team/app", digest, content.length, () -> new ByteArrayInputStream(content));
        return "{\"mediaType\":\"" + mediaType + "\",\"digest\":\"" + digest + "\",\"size\":" + content.length + "}";
    }
}
