package dev.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Platform;
import dev.sheaf.testregistry.ElfBytes;
import dev.sheaf.testregistry.LayerBytes;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code sheaf verify}, and the gate of {@code sheaf create}, against a real registry. */
final class VerifyCommandTest extends RegistryCommandTest {
    private Descriptor goodAmd;
    private Descriptor goodArm;
    /** Built natively, and with the other machine's program in it. */
    private Descriptor badArm;

    @BeforeEach
    void push() throws Exception {
        goodAmd = image(AMD64, new LayerBytes().program("bin/app", ElfBytes.amd64()));
        goodArm = image(ARM64, new LayerBytes().program("bin/app", ElfBytes.arm64()));
        badArm = image(
                ARM64, new LayerBytes().program("bin/app", ElfBytes.amd64()).program("usr/bin/tool", ElfBytes.amd64()));
        tagIndex("good", goodAmd, goodArm);
        tagIndex("bad", goodAmd, badArm);
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
    void severalPlatforms_areAllNamed() throws Exception {
        Descriptor badAmd = image(AMD64, new LayerBytes().program("bin/app", ElfBytes.arm64()));
        tagIndex("worse", badAmd, badArm);
        assertThat(terminal.run("verify", name + ":worse")).isEqualTo(65);
        assertThat(terminal.lastErrorLine()).endsWith(": 3 errors, on linux/amd64 and linux/arm64");
    }

    @Test
    void whatTheRegistryLacks_isItsFailure_andWhatIsNoImageFitsNothing() throws Exception {
        Descriptor note = images.attestation(goodAmd, "note");
        tagIndex("notes", note);
        assertThat(terminal.run("verify", name + ":notes")).isEqualTo(65);
        assertThat(terminal.lastErrorLine()).isEqualTo("ERROR: " + name + ":notes has no image; it has none");
        delete(goodArm);
        assertThat(terminal.run("verify", name + ":good")).isEqualTo(76);
        assertThat(terminal.lastErrorLine())
                .isEqualTo("ERROR: the registry does not have " + goodArm.digest() + ", which " + name
                        + ":good names for linux/arm64");
    }

    @Test
    void findingsBeyondTwenty_areCounted() throws Exception {
        byte[][] layers = new byte[3][];
        for (int i = 0; i < layers.length; i++) {
            LayerBytes layer = new LayerBytes();
            for (int j = 0; j < 9; j++) {
                layer.program("usr/bin/tool" + i + j, ElfBytes.amd64());
            }
            layers[i] = layer.tar();
        }
        Descriptor many = images.image(ARM64, "{}", layers);
        assertThat(terminal.run("verify", name + "@" + many.digest())).isEqualTo(65);
        assertThat(terminal.out().lines().filter(line -> line.startsWith("  error: ")))
                .hasSize(20);
        assertThat(terminal.out()).contains("  ... and 7 more; --format json shows all");
    }

    @Test
    void layerThatPlatformsShare_isNotReadForEach() throws Exception {
        byte[] text = new LayerBytes().text("etc/motd", "hello").tar();
        Platform riscv = Platform.parse("linux/riscv64");
        Descriptor[] shared = new Descriptor[3];
        int at = 0;
        for (Platform platform : List.of(AMD64, ARM64, riscv)) {
            shared[at++] = images.image(platform, "{}", text).withPlatform(platform);
        }
        tagIndex("text", shared);
        assertThat(terminal.run("verify", "--format", "json", name + ":text")).isZero();
        int remembered = 0;
        for (JsonNode platform : new JsonMapper().readTree(terminal.out()).get("platforms")) {
            remembered += platform.get("layersRemembered").asInt();
        }
        assertThat(remembered).as("two are read at a time, the third finds it").isPositive();
    }

    @Test
    void create_dryRun_judgesAllTheSame() {
        assertThat(terminal.run("create", "--dry-run", name + ":bad")).isEqualTo(65);
        assertThat(terminal.out()).doesNotContain("manifests");
    }

    @Test
    void exceptions_areThoseOfTheFileThatIsNamed_andOfNoOther() throws Exception {
        Files.writeString(directory.resolve(".archignore"), "/bin/app unasked\n/usr/bin/tool unasked\n");
        assertThat(terminal.run("verify", name + ":bad"))
                .as("the current directory's file is not read unasked")
                .isEqualTo(65);

        Files.writeString(
                directory.resolve("exceptions"), "/bin/app linux/arm64 starts by an emulator\n/usr/bin/* for guests\n");
        assertThat(terminal.run("verify", "--archignore", "exceptions", name + ":bad"))
                .as(terminal.out() + terminal.err())
                .isZero();
        assertThat(terminal.out())
                .contains("linux/arm64 fits")
                .containsPattern("  note: /bin/app .*because starts by an emulator")
                .containsPattern("  note: /usr/bin/tool .*because for guests");
        assertThat(terminal.run("create", "-t", name + ":1", "--archignore", "exceptions", name + ":bad"))
                .isZero();
        assertThat(registry.head("team/app", "1")).isPresent();

        Files.writeString(directory.resolve("exceptions"), "/bin/app linux/amd64 another platform\n/usr/bin/* x\n");
        assertThat(terminal.run("verify", "--archignore", "exceptions", name + ":bad"))
                .isEqualTo(65);
        assertThat(terminal.lastErrorLine()).contains(": 1 error, on linux/arm64");
    }

    @Test
    void exceptionsThatCannotBeRead_areRefusedInOneLine_beforeAnythingIsAsked() throws Exception {
        Files.writeString(directory.resolve("exceptions"), "# good\nbin/app why\n");
        process.kill();
        for (String command : List.of("verify", "create")) {
            String[] tag = command.equals("create") ? new String[] {"-t", name + ":1"} : new String[0];
            assertThat(run(command, tag, "--archignore", "none")).isEqualTo(1);
            assertThat(terminal.lastErrorLine()).isEqualTo("ERROR: there is no file " + directory.resolve("none"));
            assertThat(run(command, tag, "--archignore", "exceptions")).isEqualTo(1);
            assertThat(terminal.lastErrorLine())
                    .startsWith(
                            "ERROR: " + directory.resolve("exceptions") + ":2: \"bin/app\" is not an absolute path");
        }
    }

    private int run(String command, String[] tag, String... flags) {
        return terminal.run(Stream.of(new String[] {command}, tag, flags, new String[] {name + ":bad"})
                .flatMap(Stream::of)
                .toArray(String[]::new));
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
        tagIndex("lie", goodAmd.withPlatform(ARM64));
        assertThat(terminal.run("verify", name + ":lie")).isEqualTo(65);
        assertThat(terminal.out()).contains("linux/arm64 does not fit");

        LayerBytes shared = new LayerBytes().program("usr/bin/tool", ElfBytes.amd64());
        tagIndex("shared", image(AMD64, shared), image(ARM64, shared));
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

    private Descriptor image(Platform platform, LayerBytes layer) throws Exception {
        return images.image(platform, "{\"Entrypoint\":[\"/bin/app\"]}", layer.gzip())
                .withPlatform(platform);
    }
}
