package dev.sheaf.coordinator.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.build.SliceSnapshot;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.build.VerifiedSlice.Material;
import dev.sheaf.coordinator.build.VerifiedSlice.Material.Kind;
import dev.sheaf.coordinator.build.VerifiedSlice.Materials;
import dev.sheaf.coordinator.build.host.Host;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.MediaType;
import dev.sheaf.image.Platform;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Whether all platforms were built from the same things. */
final class MaterialsComparisonTest {
    private static final List<Platform> PLATFORMS =
            List.of(Platform.parse("linux/amd64"), Platform.parse("linux/arm64"), Platform.parse("linux/s390x"));
    private static final BuildId BUILD = new BuildId("build-1");

    /** Of a slice of which nothing was to be known. */
    private static final Materials PINNED = Materials.unknown("it was pinned");

    private static Materials built(Material... materials) {
        return new Materials(List.of(materials), "");
    }

    private static Material image(String name, String digest) {
        return new Material(Kind.IMAGE, name, digest);
    }

    /** Slices of the first platforms. */
    private static MaterialsComparison compare(Materials... materials) {
        Descriptor manifest = Descriptor.of(MediaType.OCI_MANIFEST, new byte[] {1});
        List<SliceSnapshot> slices = new ArrayList<>();
        for (Materials each : materials) {
            VerifiedSlice image = new VerifiedSlice(manifest, Digest.of(new byte[0]), List.of(manifest));
            slices.add(new SliceSnapshot(
                    new SliceId(BUILD, PLATFORMS.get(slices.size())),
                    new SliceState.Built(Optional.of(each.equals(PINNED) ? image : image.with(each))),
                    1,
                    Optional.empty(),
                    false,
                    Host.UNKNOWN,
                    new SliceSnapshot.Times(Optional.empty(), Optional.empty()),
                    ""));
        }
        BuildRequest request = new BuildRequest(
                "key",
                PLATFORMS.subList(0, slices.size()),
                List.of(ImageReference.parse("r.example/app:1")),
                true,
                new BuildRequest.Source.Url("https://git.example/app.git"),
                BuildRequest.Options.defaults(),
                Optional.empty(),
                Optional.empty());
        return MaterialsComparison.of(new BuildSnapshot(
                BUILD, BuildState.STITCHING, request, slices, Instant.EPOCH, BuildSnapshot.Result.OPEN));
    }

    @Test
    void sameEverywhere_orUsedByOneAlone_fits() {
        Material shared = image("r.example/base:1", "sha256:a");
        MaterialsComparison comparison =
                compare(built(shared, image("r.example/amd64:1", "sha256:b")), built(shared), PINNED);
        assertThat(comparison.refusal()).isEmpty();
        assertThat(comparison.notes()).isEmpty();
    }

    @Test
    void tagThatMoved_isRefusedWithAllThatSaysWhich() {
        Failure failure = compare(
                        built(image("r.example/base:1", "sha256:a")),
                        built(image("r.example/base:1", "sha256:b")),
                        built(image("r.example/base:1", "sha256:a")))
                .refusal()
                .orElseThrow();
        assertThat(failure.kind()).isEqualTo(Failure.Kind.VERIFICATION);
        assertThat(failure.message())
                .isEqualTo("the platforms were not built from one source: r.example/base:1 was sha256:a for"
                        + " linux/amd64, linux/s390x, and sha256:b for linux/arm64; it has changed in between: build"
                        + " again; no tag was moved");
    }

    @Test
    void branchThatMoved_isRefusedToo_andTheOthersAreDetails() {
        Material[] first = IntStream.range(0, 30)
                .mapToObj(i -> image("r.example/base" + i + ":1", "sha256:a"))
                .toArray(Material[]::new);
        Material[] second = IntStream.range(0, 30)
                .mapToObj(i -> image("r.example/base" + i + ":1", "sha256:b"))
                .toArray(Material[]::new);
        assertThat(compare(built(first), built(second)).refusal().orElseThrow().details())
                .hasSize(Failure.MAX_DETAILS);

        Material old = new Material(Kind.GIT, "https://git.example/lib.git#main", "fb4371b");
        Material young = new Material(Kind.GIT, "https://git.example/lib.git#main", "0123456");
        assertThat(compare(built(old), built(young)).refusal().orElseThrow().message())
                .contains("lib.git#main was commit fb4371b for linux/amd64, and commit 0123456 for linux/arm64");
    }

    @Test
    void downloadThatDiffers_isToldAndLetPass() {
        MaterialsComparison comparison = compare(
                built(new Material(Kind.DOWNLOAD, "https://x.example/now", "sha256:a")),
                built(new Material(Kind.DOWNLOAD, "https://x.example/now", "sha256:b")));
        assertThat(comparison.refusal()).isEmpty();
        assertThat(comparison.notes())
                .containsExactly("https://x.example/now was sha256:a for linux/amd64, and sha256:b for linux/arm64");
    }

    @Test
    void unknown_isTold() {
        MaterialsComparison comparison = compare(
                built(image("r.example/base:1", "sha256:a")), Materials.unknown("it was pushed without provenance"));
        assertThat(comparison.refusal()).isEmpty();
        assertThat(comparison.notes())
                .containsExactly("it is not known whether all platforms were built from the same bases; of linux/arm64:"
                        + " it was pushed without provenance");
        assertThat(compare(Materials.unknown("it was pushed without provenance"))
                        .notes())
                .as("one platform has nothing to differ from")
                .isEmpty();
    }
}
