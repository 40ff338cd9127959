package dev.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.image.Descriptor;
import dev.sheaf.image.ImageIndex;
import dev.sheaf.image.Platform;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.testregistry.RegistryProcess;
import dev.sheaf.testregistry.RegistryProxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code sheaf create} against real registries. */
final class CreateCommandTest extends RegistryCommandTest {
    private static final Platform ARM6 = Platform.parse("linux/arm/v6");

    private Descriptor amd;
    private Descriptor arm;

    @BeforeEach
    void push() throws Exception {
        amd = images.image(AMD64, "amd");
        arm = images.image(ARM64, "arm");
        tag("amd", amd);
        tag("arm", arm);
    }

    @Test
    void twoImages_oneIndexWhateverTheOrder_bothTagsMoved() throws Exception {
        assertThat(create("-t", name + ":1", "-t", name + ":latest", name + ":arm", name + ":amd"))
                .isZero();

        ImageIndex index = index("team/app", "1");
        assertThat(index.entries()).containsExactly(amd.withPlatform(AMD64), arm.withPlatform(ARM64));
        assertThat(index("team/app", "latest").digest()).isEqualTo(index.digest());
        assertThat(terminal.out())
                .startsWith(name + ":1@" + index.digest() + "\n" + name + ":latest@" + index.digest() + "\n")
                .containsPattern("linux/amd64 +0 +" + name + ":amd +" + amd.digest());
        assertThat(create("-t", name + ":2", name + "@" + amd.digest(), name + ":arm"))
                .isZero();
        assertThat(index("team/app", "2").digest()).isEqualTo(index.digest());
    }

    @Test
    void otherRepository_contentIsMounted_attestationsComeAlong() throws Exception {
        Descriptor note = images.attestation(amd, "note");
        tagIndex("noted", amd.withPlatform(AMD64), note);

        try (RegistryProxy proxy = RegistryProxy.before(process.address())) {
            String at = proxy.address();
            assertThat(create("-t", at + "/other/app:1", at + "/team/app:noted", at + "/team/app:arm"))
                    .isZero();
            assertThat(proxy.passed("PUT /v2/other/app/blobs/.*")).isEmpty();
            List<String> manifests = proxy.passed("PUT /v2/other/app/manifests/.*");
            assertThat(manifests.getLast()).as("the tag moves last").endsWith("/manifests/1");
            assertThat(manifests).hasSize(5);
        }

        ImageIndex index = index("other/app", "1");
        assertThat(index.entries()).containsExactly(amd.withPlatform(AMD64), arm.withPlatform(ARM64), note);
        for (Descriptor entry : index.entries()) {
            assertThat(registry.head("other/app", entry.digest().value())).isPresent();
        }
    }

    @Test
    void otherRegistry_contentIsCopied() throws Exception {
        try (RegistryProcess other = RegistryProcess.start(Files.createDirectory(directory.resolve("other")), "")) {
            String target = other.address() + "/mirror/app:1";
            assertThat(create("-t", target, name + ":arm", name + ":amd")).isZero();

            assertThat(terminal.err()).contains("=> copying " + name + "@" + amd.digest() + " (linux/amd64) to ");
            Registry there = registries.open(other.address(), Credentials.ANONYMOUS);
            assertThat(ImageIndex.parse(there.get("mirror/app", "1").bytes()).runnable())
                    .hasSize(2);
            assertThat(terminal.run("inspect", target)).isZero();
            assertThat(terminal.out()).containsPattern("linux/arm64 +\\S+B +1 +oci +" + arm.digest());
        }
    }

    @Test
    void oneIndex_getsAnotherTag_andKeepsItsDigest() throws Exception {
        Descriptor spaced = tagIndex("spaced", arm.withPlatform(ARM64), amd.withPlatform(AMD64));

        assertThat(create("-t", name + ":stable", name + ":spaced")).isZero();
        assertThat(registry.get("team/app", "stable").digest()).isEqualTo(spaced.digest());

        assertThat(create("-t", name + ":noted", "--annotation", "index:a=b=c", name + ":spaced"))
                .isZero();
        ImageIndex noted = index("team/app", "noted");
        assertThat(noted.annotations()).isEqualTo(Map.of("a", "b=c"));
        assertThat(noted.entries()).containsExactly(amd.withPlatform(AMD64), arm.withPlatform(ARM64));
    }

    @Test
    void append_keepsWhatTheTagPointsAt() throws Exception {
        assertThat(create("-t", name + ":1", "--annotation", "index:old=1", name + ":amd"))
                .isZero();
        Descriptor six = images.image(ARM6, "six");

        assertThat(create("-t", name + ":1", "--append", "--annotation", "index:new=2", name + "@" + six.digest()))
                .isZero();

        assertThat(index("team/app", "1").runnable()).containsExactly(amd.withPlatform(AMD64), six.withPlatform(ARM6));
        assertThat(index("team/app", "1").annotations()).isEqualTo(Map.of("new", "2", "old", "1"));
    }

    @Test
    void dryRun_printsTheIndexAndChangesNothing() throws Exception {
        assertThat(create("--dry-run", "-t", name + ":1", name + ":arm", name + ":amd"))
                .isZero();

        ImageIndex index = ImageIndex.parse(terminal.out().strip().getBytes(StandardCharsets.UTF_8));
        assertThat(index.entries()).containsExactly(amd.withPlatform(AMD64), arm.withPlatform(ARM64));
        assertThat(registry.head("team/app", "1")).isEmpty();
        assertThat(registry.head("team/app", index.digest().value())).isEmpty();
    }

    @Test
    void configContradictsItsIndex_configCounts() throws Exception {
        tagIndex("lie", amd.withPlatform(ARM64));

        assertThat(create("-t", name + ":1", name + ":lie")).isZero();

        assertThat(index("team/app", "1").entries()).containsExactly(amd.withPlatform(AMD64));
        assertThat(terminal.err())
                .contains("=> " + name + "@" + amd.digest() + " is linux/amd64 by its config, which counts; " + name
                        + ":lie says linux/arm64");
    }

    @Test
    void whatMakesNoIndex_isOneLineAndMovesNoTag() throws Exception {
        Descriptor second = images.image(AMD64, "second");
        refused(
                1,
                "linux/amd64 is there twice: " + name + "@" + amd.digest() + " (of " + name + ":amd) and " + name + "@"
                        + second.digest(),
                name + ":amd",
                name + "@" + second.digest());
        Descriptor attestation = images.attestation(amd, "alone");
        refused(1, "its config states no platform", name + "@" + attestation.digest());
        tagIndex("artifact", amd.withPlatform(AMD64), arm.withPlatform(Platform.UNKNOWN));
        refused(1, "neither an image nor an attestation", name + ":artifact");
        refused(1, "cannot read none from", name + ":none");
        refused(1, "write index:NAME=VALUE", "--annotation", "a=b", name + ":amd");
        refused(1, "exactly one --tag", "--append", "-t", name + ":2", name + ":amd");
        assertThat(create(name + ":amd")).isEqualTo(1);
        assertThat(terminal.lastErrorLine()).contains("add --tag");
    }

    @Test
    void sameImageByTwoNames_isOne_withWhatIsKnownAboutIt() throws Exception {
        Descriptor note = images.attestation(amd, "note");
        tagIndex("noted", amd.withPlatform(AMD64), note);
        assertThat(create("-t", name + ":1", name + ":amd", name + ":noted", name + ":arm"))
                .as(terminal.err())
                .isZero();
        assertThat(index("team/app", "1").entries())
                .containsExactly(amd.withPlatform(AMD64), arm.withPlatform(ARM64), note);
        assertThat(create("-t", name + ":2", "--annotation", "index:a=b", name + ":1"))
                .as("the note goes with its own image")
                .isZero();
        assertThat(index("team/app", "2").entries())
                .isEqualTo(index("team/app", "1").entries());
    }

    @Test
    void attestationAboutNothing_isLeftOut_andSaid() throws Exception {
        Descriptor note = images.attestation(arm, "lost");
        tagIndex("odd", amd.withPlatform(AMD64), note);
        assertThat(create("-t", name + ":1", name + ":odd")).isZero();
        assertThat(index("team/app", "1").entries()).containsExactly(amd.withPlatform(AMD64));
        assertThat(terminal.err()).contains("=> left out: the attestation " + note.digest() + " of " + name + ":odd");
    }

    @Test
    void whatIsGone_orOfAVersionOfWindows_isRefused() throws Exception {
        Descriptor windows = images.withoutLayers(Platform.parse("windows/amd64"), "{},\"os.version\":\"10.0.1\"");
        refused(1, "is for version 10.0.1 of windows, which Sheaf cannot state", name + "@" + windows.digest());
        tagIndex("partly", amd.withPlatform(AMD64), arm.withPlatform(ARM64));
        delete(arm);
        refused(76, "does not have " + arm.digest() + ", which " + name + ":partly names", name + ":partly");
    }

    @Test
    void tagsInSeveralRepositories_areAllMoved() throws Exception {
        assertThat(create(
                        "-t", process.address() + "/one/app:1", "-t", process.address() + "/two/app:1", name + ":amd"))
                .isZero();
        assertThat(index("one/app", "1").digest())
                .isEqualTo(index("two/app", "1").digest());
    }

    @Test
    void indexThatCannotBeReadBack_getsNoTag() throws Exception {
        assertThat(create("--dry-run", name + ":amd")).isZero();
        String digest = ImageIndex.parse(terminal.out().strip().getBytes(StandardCharsets.UTF_8))
                .digest()
                .value();
        try (RegistryProxy proxy = RegistryProxy.before(process.address())) {
            proxy.on("GET .*/manifests/" + digest).answers(404, "{}");
            String at = proxy.address() + "/team/app";
            assertThat(create("-t", at + ":1", at + ":amd")).isNotZero();
            assertThat(registry.head("team/app", "1")).isEmpty();
        }
    }

    @Test
    void immutableTag_isOneLineThatNamesTheTagsMovedBefore() throws Exception {
        try (RegistryProxy proxy = RegistryProxy.before(process.address())) {
            String at = proxy.address() + "/team/app";
            proxy.on("PUT .*/manifests/fixed").answers(409, "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no\"}]}");

            assertThat(create("-t", at + ":1", "-t", at + ":fixed", at + ":amd"))
                    .isEqualTo(76);

            assertThat(terminal.lastErrorLine())
                    .contains("refuses to move the tag " + at + ":fixed, which may be immutable")
                    .endsWith("; moved before: " + at + ":1");
        }
    }

    private void refused(int exit, String why, String... arguments) throws Exception {
        String[] all = new String[arguments.length + 2];
        all[0] = "-t";
        all[1] = name + ":1";
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        assertThat(create(all)).as(terminal.err()).isEqualTo(exit);
        assertThat(terminal.lastErrorLine()).startsWith("ERROR: ").contains(why);
        assertThat(registry.head("team/app", "1")).isEmpty();
    }

    /** These images hold nothing that could be checked. */
    private int create(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "create";
        all[1] = "--verify-arch=off";
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return terminal.run(all);
    }

    private ImageIndex index(String repository, String tag) throws Exception {
        return ImageIndex.parse(registry.get(repository, tag).bytes());
    }
}
