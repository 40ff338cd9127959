package dev.sheaf.coordinator.gate;

import static dev.sheaf.coordinator.gate.GateBench.AMD64;
import static dev.sheaf.coordinator.gate.GateBench.ARM64;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.build.VerifiedSlice.ContentReport;
import dev.sheaf.coordinator.dispatch.SliceVerifier.Verdict;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.arch.Policy;
import dev.sheaf.image.arch.Policy.Exemption;
import dev.sheaf.image.arch.Policy.Mode;
import dev.sheaf.testregistry.ElfBytes;
import dev.sheaf.testregistry.LayerBytes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is looked into before a slice counts as built, and what a user is told. */
@Tag("lab")
@Timeout(120)
final class ContentVerifierTest {
    private static final BuildRequest.Source URL = new BuildRequest.Source.Url("https://git.example/app");
    private static final String DOCKERFILE = "FROM base:1\nENV A=b\nCOPY app /bin/\nRUN make tool\n";

    /** What BuildKit writes of that. */
    private static final List<String> HISTORY = List.of(
            "ADD rootfs /",
            "ENV A=b\",\"empty_layer\":true,\"comment\":\"x",
            "COPY app /bin/ # buildkit",
            "RUN /bin/sh -c make tool # buildkit");

    private static final byte[] APP =
            new LayerBytes().program("bin/app", ElfBytes.arm64()).tar();
    private static final byte[] BASE =
            new LayerBytes().program("usr/bin/base", ElfBytes.amd64()).tar();
    private static final byte[] GOOD_TOOL =
            new LayerBytes().program("usr/bin/tool", ElfBytes.arm64()).tar();
    private static final byte[] BAD_TOOL = new LayerBytes()
            .program("usr/bin/tool", ElfBytes.amd64())
            .program("usr/sbin/tool", ElfBytes.amd64())
            .tar();

    @TempDir
    Path directory;

    private GateBench bench;

    @BeforeEach
    void start() throws Exception {
        bench = new GateBench(directory);
    }

    @AfterEach
    void stop() {
        bench.close();
    }

    private Digest push(byte[]... layers) throws Exception {
        return bench.push(ARM64, HISTORY, layers).digest();
    }

    private ContentReport verified(BuildRequest.Source source, Optional<Policy> policy, Digest pushed)
            throws Exception {
        return bench.verified(bench.request(source, policy, ARM64), ARM64, pushed)
                .check()
                .orElseThrow();
    }

    private Failure refused(BuildRequest.Source source, Policy policy, Digest pushed) throws Exception {
        Verdict verdict = bench.verify(bench.request(source, Optional.of(policy), ARM64), ARM64, pushed);
        assertThat(verdict).isInstanceOf(Verdict.Refused.class);
        return ((Verdict.Refused) verdict).failure();
    }

    @Test
    void wrongProgramThatTheBuildAdded_isRefused_withItsLineAndAllThatIsWrong() throws Exception {
        Failure failure = refused(bench.tree(DOCKERFILE), Policy.STRICT, push(BASE, APP, BAD_TOOL));

        assertThat(failure.kind()).isEqualTo(Failure.Kind.ARCHITECTURE);
        assertThat(failure.platform()).contains(ARM64);
        assertThat(failure.message())
                .startsWith("/usr/bin/tool is an x86-64 program, and this image is for linux/arm64 (layer 3,")
                .endsWith("; no tag was moved");
        assertThat(failure.details())
                .singleElement()
                .asString()
                .startsWith("/usr/sbin/tool is an x86-64 program")
                .doesNotContain("no tag was moved");
        assertThat(failure.source()).hasValueSatisfying(source -> {
            assertThat(source.file()).isEqualTo("Dockerfile");
            assertThat(source.errorStart()).isEqualTo(4);
            assertThat(source.lines())
                    .containsExactlyElementsOf(DOCKERFILE.lines().toList());
        });
    }

    @Test
    void baseImagesOwnPrograms_areNotTheBuilds_wherePartsAreKnown() throws Exception {
        Digest image = push(BASE, APP, GOOD_TOOL);
        ContentReport known = verified(bench.tree(DOCKERFILE), Optional.of(Policy.STRICT), image);
        assertThat(known.notes()).isEmpty();
        assertThat(known.mode()).isEqualTo(Mode.STRICT);
        assertThat(known.layersRead()).isEqualTo(3);
        assertThat(known.layersRemembered()).isZero();
        assertThat(known.bytesRead()).isEqualTo((long) BASE.length + APP.length + GOOD_TOOL.length);

        Failure unknown = refused(URL, Policy.STRICT, image);
        assertThat(unknown.message()).startsWith("/usr/bin/base is an x86-64 program");
        assertThat(unknown.source()).isEmpty();
        Failure lost = refused(new BuildRequest.Source.Tree(Digest.of(new byte[] {1})), Policy.STRICT, image);
        assertThat(lost.message()).startsWith("/usr/bin/base is an x86-64 program");
        Failure noDockerfile = refused(bench.tree("no Dockerfile\n"), Policy.STRICT, image);
        assertThat(noDockerfile.message()).startsWith("/usr/bin/base is an x86-64 program");
    }

    @Test
    void historyThatDoesNotTellWhichLayersAreTheBases_leavesAllToTheBuild() throws Exception {
        byte[] more = new LayerBytes().text("etc/more", "x").tar();
        String dockerfile = "ENV A=b\nCOPY app /bin/\nRUN make tool\n";
        for (Digest squashed : List.of(push(BASE, APP), push(BASE, APP, GOOD_TOOL, more))) {
            assertThat(refused(bench.tree(DOCKERFILE), Policy.STRICT, squashed).message())
                    .as("a history of three layers")
                    .startsWith("/usr/bin/base is an x86-64 program");
        }
        assertThat(refused(bench.tree("FROM scratch\n" + dockerfile), Policy.STRICT, push(BASE, APP, GOOD_TOOL))
                        .message())
                .as("there is no base")
                .startsWith("/usr/bin/base is an x86-64 program");
        Failure other =
                refused(bench.tree("FROM base:1\nCOPY another /one\n"), Policy.STRICT, push(BASE, APP, BAD_TOOL));
        assertThat(other.message()).as("not this Dockerfile").contains("is an x86-64 program");
        assertThat(other.details()).anyMatch(line -> line.startsWith("/usr/sbin/tool is"));
    }

    @Test
    void baseOfAnotherArchitecture_isRefusedAtItsFrom_whateverTheHistoryTells() throws Exception {
        byte[] system = new LayerBytes()
                .program("bin/sh", ElfBytes.amd64())
                .program("bin/busybox", ElfBytes.amd64())
                .tar();
        String dockerfile = "# a comment\nFROM base:1\nCOPY another /one\n";
        Failure failure = refused(bench.tree(dockerfile), Policy.STRICT, push(system));
        assertThat(failure.message()).startsWith("the base image is a system for x86-64");
        assertThat(failure.source())
                .hasValueSatisfying(source -> assertThat(source.errorStart()).isEqualTo(2));
    }

    @Test
    void placesForImages_areGivenBack() throws Exception {
        Digest image = push(APP, GOOD_TOOL, BAD_TOOL);
        for (int i = 0; i < 5; i++) { // one more than there are
            assertThat(refused(URL, Policy.STRICT, image).kind()).isEqualTo(Failure.Kind.ARCHITECTURE);
        }
    }

    @Test
    void mode_saysWhatIsWrong_andOffLooksAtNothing() throws Exception {
        Digest image = push(BASE, APP, BAD_TOOL);
        ContentReport entrypoint =
                verified(bench.tree(DOCKERFILE), Optional.of(new Policy(Mode.ENTRYPOINT, List.of())), image);
        assertThat(entrypoint.mode()).isEqualTo(Mode.ENTRYPOINT);
        assertThat(entrypoint.notes())
                .hasSize(2)
                .allMatch(note -> note.startsWith("warning: ") && note.contains("is an x86-64 program"));

        int before = bench.proxy.passed("GET .*").size();
        assertThat(verified(URL, Optional.of(new Policy(Mode.OFF, List.of())), image))
                .isEqualTo(new ContentReport(Mode.OFF, List.of(), 0, 0, 0, Duration.ZERO));
        assertThat(bench.proxy.passed("GET .*"))
                .as("only what must be read back")
                .hasSize(before + 4);
        VerifiedSlice older = bench.verified(bench.request(URL, Optional.empty(), ARM64), ARM64, image);
        assertThat(older.check()).as("a build of an older version").isEmpty();
    }

    @Test
    void exception_isANoteWithItsReason() throws Exception {
        Policy policy = new Policy(
                Mode.STRICT,
                List.of(
                        new Exemption("/usr/*bin/tool", Optional.of(ARM64), "runs in virtual machines"),
                        new Exemption("/nowhere", Optional.of(AMD64), "other platform")));
        ContentReport report = verified(bench.tree(DOCKERFILE), Optional.of(policy), push(BASE, APP, BAD_TOOL));
        assertThat(report.notes())
                .filteredOn(note -> note.contains("runs in virtual machines"))
                .hasSize(2)
                .allMatch(note -> note.startsWith("note: "));
    }

    @Test
    void whatTheVerifierBeforeRefuses_isNotLookedInto() throws Exception {
        Descriptor other = bench.push(AMD64, HISTORY, BASE, APP, GOOD_TOOL);
        Failure failure = refused(URL, Policy.STRICT, other.digest());
        assertThat(failure.kind()).isEqualTo(Failure.Kind.VERIFICATION);
        assertThat(failure.message()).contains("is an image for linux/amd64");
        assertThat(bench.proxy.passed("GET .*/blobs/.*")).as("the config").hasSize(1);
    }

    @Test
    void registryInTrouble_isNoVerdictOnTheImage() throws Exception {
        Digest image = push(BASE, APP, GOOD_TOOL);
        BuildRequest request = bench.request(URL, Optional.of(Policy.STRICT), ARM64);
        String layer = "GET /v2/app/blobs/" + Digest.of(APP);
        bench.proxy.on(layer).times(2).answers(503, "{}");
        assertThat(bench.verify(request, ARM64, image))
                .isInstanceOfSatisfying(Verdict.Unavailable.class, unavailable -> {
                    assertThat(unavailable.failure().kind()).isEqualTo(Failure.Kind.REGISTRY);
                    assertThat(unavailable.failure().platform()).contains(ARM64);
                });
        bench.proxy.on(layer).answers(404, "{}");
        assertThat(refused(URL, Policy.STRICT, image).message()).contains("is not there");
        bench.proxy.on(layer).answers(200, "other content");
        assertThat(refused(URL, Policy.STRICT, image).kind()).isEqualTo(Failure.Kind.VERIFICATION);
    }

    @Test
    void layersBeyondAllMeasure_areRefusedInOneSentence() throws Exception {
        byte[][] layers = new byte[1_001][];
        java.util.Arrays.fill(layers, APP);
        Failure failure = refused(URL, Policy.STRICT, push(layers));
        assertThat(failure.kind()).isEqualTo(Failure.Kind.VERIFICATION);
        assertThat(failure.message())
                .contains("has 1001 layers, more than the 1000 that are allowed")
                .hasLineCount(1);
    }

    @Test
    void imageWithoutLayers_passes() throws Exception {
        Descriptor image = bench.images.withoutLayers(ARM64, "{\"Labels\":{\"a\":\"b\"}}");
        ContentReport report =
                verified(bench.tree("FROM scratch\nLABEL a=b\n"), Optional.of(Policy.STRICT), image.digest());
        assertThat(report.notes()).isEmpty();
        assertThat(report.layersRead()).isZero();
    }

    @Test
    void notesAreBounded_andTheLastSaysHowManyThereAre() throws Exception {
        byte[][] layers = new byte[60][];
        for (int i = 0; i < layers.length; i++) {
            layers[i] = new LayerBytes()
                    .program("usr/bin/tool" + i, ElfBytes.amd64())
                    .library("usr/lib/lib" + i + ".so", ElfBytes.amd64())
                    .tar();
        }
        layers[0] = APP;
        List<Exemption> exceptions = List.of(new Exemption("/usr/**", Optional.empty(), "of no use"));

        ContentReport report = verified(URL, Optional.of(new Policy(Mode.STRICT, exceptions)), push(layers));

        assertThat(report.notes()).hasSize(ContentReport.MAX_NOTES);
        assertThat(report.notes().getLast()).isEqualTo("note: 19 more are left out");
        assertThat(report.notes().subList(0, 99)).allMatch(note -> note.contains("because of no use"));
    }

    @Test
    void detailsOfARefusalAreBounded() throws Exception {
        byte[][] layers = new byte[30][];
        for (int i = 0; i < layers.length; i++) {
            layers[i] = new LayerBytes()
                    .program("usr/bin/tool" + i, ElfBytes.amd64())
                    .tar();
        }
        layers[29] = APP;
        Failure failure = refused(URL, Policy.STRICT, push(layers));
        assertThat(failure.details()).hasSize(Failure.MAX_DETAILS);
        assertThat(failure.details().getFirst()).startsWith("/usr/bin/tool1 is an x86-64 program");
        assertThat(failure.details().getLast()).isEqualTo("9 more are left out");
    }
}
