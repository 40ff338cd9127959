package dev.sheaf.coordinator.gate;

import static dev.sheaf.coordinator.gate.GateBench.ARM64;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.VerifiedSlice.Material;
import dev.sheaf.coordinator.build.VerifiedSlice.Materials;
import dev.sheaf.coordinator.dispatch.SliceVerifier.Verdict;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When provenance is read of what a slice was built from, and what is made of it. */
@Tag("lab")
@Timeout(120)
final class MaterialsVerifierTest {
    private static final BuildRequest.Source GIT = new BuildRequest.Source.Url("https://git.example/app.git");
    private static final String STATEMENT = """
            {"predicate":{"materials":[{"uri":"https://x.example/a","digest":{"sha256":"%s"}}]}}""".formatted("1".repeat(64));

    @TempDir
    Path directory;

    private GateBench bench;
    private Descriptor image;

    @BeforeEach
    void start() throws Exception {
        bench = new GateBench(directory);
        image = bench.images.image(ARM64, "seed").withPlatform(ARM64);
    }

    @AfterEach
    void stop() {
        bench.close();
    }

    private Verdict verdict(BuildRequest.Source source, Descriptor attestation) throws Exception {
        Digest pushed = bench.images.index(image, attestation).digest();
        return bench.verifyMaterials(bench.request(source, Optional.empty(), ARM64), ARM64, pushed);
    }

    private Optional<Materials> materials(BuildRequest.Source source, Descriptor attestation) throws Exception {
        Verdict verdict = verdict(source, attestation);
        assertThat(verdict).isInstanceOf(Verdict.Verified.class);
        return ((Verdict.Verified) verdict).image().materials();
    }

    @Test
    void notPinned_isWhatTheProvenanceSays() throws Exception {
        assertThat(materials(GIT, bench.images.provenance(image, STATEMENT)))
                .contains(new Materials(
                        List.of(new Material(
                                Material.Kind.DOWNLOAD, "https://x.example/a", "sha256:" + "1".repeat(64))),
                        ""));
    }

    @Test
    void pinned_isNotAsked() throws Exception {
        // Damaged, so that whoever reads it says so.
        assertThat(materials(bench.tree("FROM scratch\n"), bench.images.provenance(image, "{")))
                .isEmpty();
        assertThat(materials(bench.tree("FROM base:1\n"), bench.images.provenance(image, "{")))
                .isPresent();
    }

    @Test
    void nothingThatSaysIt_isUnknown_andLetPass() throws Exception {
        assertThat(materials(GIT, bench.images.attestation(image, "other")).map(Materials::unknown))
                .contains("it was pushed without provenance");
        assertThat(materials(GIT, bench.images.provenance(image, "{")).map(Materials::unknown))
                .hasValueSatisfying(why -> assertThat(why).startsWith("its provenance cannot be read: "));
    }

    @Test
    void provenanceThatIsTooLarge_isNotRead() throws Exception {
        Descriptor large = bench.images.provenance(image, STATEMENT + " ".repeat(4 * 1024 * 1024));

        assertThat(materials(GIT, large).map(Materials::unknown))
                .hasValueSatisfying(why ->
                        assertThat(why).contains("the provenance sha256:", "more than the 4194304 that are allowed"));
    }

    @Test
    void refusedBefore_staysRefused() throws Exception {
        Digest other = bench.images
                .index(image, bench.images.provenance(image, STATEMENT))
                .digest();

        assertThat(bench.verifyMaterials(bench.request(GIT, Optional.empty(), GateBench.AMD64), GateBench.AMD64, other))
                .isInstanceOf(Verdict.Refused.class);
    }
}
