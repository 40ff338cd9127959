package dev.sheaf.coordinator.gate;

import static dev.sheaf.coordinator.gate.GateBench.AMD64;
import static dev.sheaf.coordinator.gate.GateBench.ARM64;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.dispatch.IndexPublisher.Publication;
import dev.sheaf.coordinator.dispatch.SliceVerifier.Verdict;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.Platform;
import dev.sheaf.image.arch.Policy;
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

/** What the way from pushed slices to a tag asks of a registry. */
@Tag("lab")
final class RequestsTest {
    @TempDir
    Path directory;

    private static final BuildRequest.Source URL = new BuildRequest.Source.Url("https://git.example/app");
    private static final Digest LAYER =
            Digest.of(new LayerBytes().program("bin/app", ElfBytes.amd64()).tar());

    private GateBench bench;

    @BeforeEach
    void start() throws Exception {
        bench = new GateBench(directory);
    }

    @AfterEach
    void stop() {
        bench.close();
    }

    private Descriptor push(Platform platform, ElfBytes program) throws Exception {
        return bench.push(
                platform,
                List.of("COPY app /bin/ # buildkit"),
                new LayerBytes().program("bin/app", program).tar());
    }

    @Test
    void smallBuild_asksOnceForEachManifestAndConfig() throws Exception {
        Descriptor amd = push(AMD64, ElfBytes.amd64());
        Descriptor arm = push(ARM64, ElfBytes.arm64());
        BuildRequest request =
                bench.request(bench.tree("FROM scratch\nCOPY app /bin/\n"), Optional.of(Policy.STRICT), AMD64, ARM64);
        VerifiedSlice first = bench.verified(request, AMD64, amd.digest());
        assertThat(bench.proxy.passed(".*"))
                .as("index, image, config, attestation, layer")
                .containsExactly(
                        manifest("GET", first.pushed()),
                        manifest("GET", first.manifests().getFirst()),
                        blob(first.config()),
                        manifest("GET", first.manifests().getLast()),
                        blob(LAYER));
        VerifiedSlice second = bench.verified(request, ARM64, arm.digest());

        assertThat(bench.publish(request, first, second)).isInstanceOf(Publication.Published.class);

        List<String> all = bench.proxy.passed(".*");
        assertThat(all.subList(0, 10)).doesNotHaveDuplicates();
        assertThat(all.subList(10, all.size()).stream().filter(line -> line.contains("/blobs/")))
                .as("what was verified is not read again")
                .isEmpty();
        assertThat(all.stream().filter(manifest("GET", first.manifests().getFirst())::equals))
                .hasSize(1);
        assertThat(all).hasSize(23);
    }

    @Test
    void eachAttempt_isReadFromTheRegistryAnew() throws Exception {
        Descriptor amd = push(AMD64, ElfBytes.amd64());
        BuildRequest request = bench.request(URL, Optional.of(Policy.STRICT), AMD64);
        bench.verified(request, AMD64, amd.digest());
        int before = bench.proxy.passed(".*").size();

        VerifiedSlice again = bench.verified(request, AMD64, amd.digest());

        List<String> all = bench.proxy.passed(".*");
        assertThat(all.subList(before, all.size()))
                .containsExactly(
                        manifest("GET", again.pushed()),
                        manifest("GET", again.manifests().getFirst()),
                        blob(again.config()),
                        manifest("GET", again.manifests().getLast()));
        bench.proxy.on(blob(again.config())).times(3).answers(404, "{}"); // it is asked three times
        assertThat(bench.verify(request, AMD64, amd.digest())).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void coordinatorThatWasStartedAnew_readsWhatItCompares() throws Exception {
        BuildRequest request = bench.request(URL, Optional.of(Policy.STRICT), AMD64, ARM64);
        VerifiedSlice first =
                bench.verified(request, AMD64, push(AMD64, ElfBytes.amd64()).digest());
        VerifiedSlice second =
                bench.verified(request, ARM64, push(ARM64, ElfBytes.arm64()).digest());
        bench.forget();

        assertThat(bench.publish(request, first, second)).isInstanceOf(Publication.Published.class);

        assertThat(bench.proxy.passed(".*").stream().filter(blob(first.config())::equals))
                .hasSize(2);
        assertThat(bench.proxy.passed(".*").stream().filter(blob(LAYER)::equals))
                .hasSize(2);
    }

    private static String manifest(String method, Descriptor content) {
        return method + " /v2/app/manifests/" + content.digest();
    }

    private static String blob(Digest digest) {
        return "GET /v2/app/blobs/" + digest;
    }
}
