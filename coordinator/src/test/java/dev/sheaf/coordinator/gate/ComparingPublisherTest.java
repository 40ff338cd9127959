package dev.sheaf.coordinator.gate;

import static dev.sheaf.coordinator.gate.GateBench.AMD64;
import static dev.sheaf.coordinator.gate.GateBench.ARM64;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.dispatch.IndexPublisher.Publication;
import dev.sheaf.image.Digest;
import dev.sheaf.image.Platform;
import dev.sheaf.image.arch.Policy;
import dev.sheaf.image.arch.Policy.Mode;
import dev.sheaf.testregistry.ElfBytes;
import dev.sheaf.testregistry.LayerBytes;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is seen only of all platforms together, right before a tag moves. */
@Tag("lab")
final class ComparingPublisherTest {
    private static final BuildRequest.Source URL = new BuildRequest.Source.Url("https://git.example/app");
    private static final byte[] SHARED =
            new LayerBytes().program("usr/bin/tool", ElfBytes.amd64()).tar();
    private static final String TAG = ".* /v2/app/manifests/1";

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

    /** As the slice was taken by a check that did not see what comparing sees. */
    private VerifiedSlice slice(Platform platform, ElfBytes app, byte[]... shared) throws Exception {
        byte[][] layers = new byte[shared.length + 1][];
        layers[0] = new LayerBytes().program("bin/app", app).tar();
        System.arraycopy(shared, 0, layers, 1, shared.length);
        Digest pushed = bench.push(platform, List.of("COPY app /bin/"), layers).digest();
        return bench.verified(request(Mode.OFF, platform), platform, pushed);
    }

    private BuildRequest request(Mode mode, Platform... platforms) {
        return bench.request(URL, Optional.of(new Policy(mode, List.of())), platforms);
    }

    @Test
    void sameProgramOnTwoArchitectures_movesNoTag() throws Exception {
        VerifiedSlice amd = slice(AMD64, ElfBytes.amd64(), SHARED);
        VerifiedSlice arm = slice(ARM64, ElfBytes.arm64(), SHARED);

        Publication publication = bench.publish(request(Mode.STRICT, AMD64, ARM64), amd, arm);

        assertThat(publication).isInstanceOfSatisfying(Publication.Refused.class, refused -> {
            assertThat(refused.failure().kind()).isEqualTo(Failure.Kind.ARCHITECTURE);
            assertThat(refused.failure().message())
                    .startsWith("/usr/bin/tool is an x86-64 program, and its layer is the same in the images for ")
                    .endsWith("; no tag was moved");
        });
        assertThat(bench.proxy.passed("(PUT|HEAD) .*")).isEmpty();
    }

    @Test
    void comparedOnlyIfAskedFor() throws Exception {
        VerifiedSlice amd = slice(AMD64, ElfBytes.amd64(), SHARED);
        VerifiedSlice arm = slice(ARM64, ElfBytes.arm64(), SHARED);
        int before = bench.proxy.passed("GET .*/blobs/.*").size();
        assertThat(bench.publish(request(Mode.OFF, AMD64, ARM64), amd, arm)).isInstanceOf(Publication.Published.class);
        assertThat(bench.publish(bench.request(URL, Optional.empty(), AMD64, ARM64), amd, arm))
                .isInstanceOf(Publication.Published.class);
        assertThat(bench.publish(request(Mode.STRICT, ARM64), arm))
                .as("one platform has nothing to be compared with")
                .isInstanceOf(Publication.Published.class);
        assertThat(bench.proxy.passed("GET .*/blobs/.*")).hasSize(before);
    }

    @Test
    void whatIsOnlyOdd_isANotice_andPublished() throws Exception {
        VerifiedSlice amd = slice(AMD64, ElfBytes.amd64(), SHARED);
        VerifiedSlice arm = slice(ARM64, ElfBytes.arm64(), SHARED);
        assertThat(bench.publish(request(Mode.ENTRYPOINT, AMD64, ARM64), amd, arm))
                .isInstanceOf(Publication.Published.class);
        assertThat(bench.notices)
                .singleElement()
                .asString()
                .contains("/usr/bin/tool is an x86-64 program, and its layer is the same");
    }

    @Test
    void registryInTrouble_isNoVerdict_andWhatIsGoneIsFoundByThePublisher() throws Exception {
        VerifiedSlice amd = slice(AMD64, ElfBytes.amd64());
        VerifiedSlice arm = slice(ARM64, ElfBytes.arm64());
        BuildRequest request = request(Mode.STRICT, AMD64, ARM64);
        String layer = "GET /v2/app/blobs/"
                + Digest.of(
                        new LayerBytes().program("bin/app", ElfBytes.arm64()).tar());
        bench.proxy.on(layer).times(2).answers(503, "{}");
        assertThat(bench.publish(request, amd, arm)).isInstanceOf(Publication.Unavailable.class);
        assertThat(bench.proxy.passed(TAG)).isEmpty();

        bench.forget();
        String manifest = arm.manifests().getFirst().digest().value();
        bench.proxy.on("(GET|HEAD) .*" + manifest).times(2).answers(404, "{}");
        assertThat(bench.publish(request, amd, arm))
                .isInstanceOfSatisfying(Publication.Incomplete.class, incomplete -> {
                    assertThat(incomplete.missing()).containsExactly(ARM64);
                    assertThat(incomplete.failure().message()).contains(manifest);
                });
        assertThat(bench.proxy.passed(TAG)).isEmpty();

        assertThat(bench.publish(request, amd, arm)).isInstanceOf(Publication.Published.class);
        assertThat(bench.proxy.passed("PUT " + TAG.substring(3))).hasSize(1);
    }
}
