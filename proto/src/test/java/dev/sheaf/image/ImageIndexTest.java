package dev.sheaf.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ImageIndexTest {
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final Platform ARM64 = Platform.parse("linux/arm64");

    private static Descriptor manifest(String content) {
        return Descriptor.of(MediaType.OCI_MANIFEST, content.getBytes(StandardCharsets.UTF_8));
    }

    private static Descriptor attestation(String content, Descriptor about) {
        return manifest(content)
                .withPlatform(Platform.UNKNOWN)
                .withAnnotations(Map.of(
                        Descriptor.REFERENCE_TYPE,
                        Descriptor.ATTESTATION,
                        Descriptor.REFERENCE_DIGEST,
                        about.digest().value()));
    }

    private static SlicePush index(Descriptor... entries) {
        ImageIndex index = ImageIndex.parse(ImageIndex.json(List.of(entries), Map.of()));
        return new SlicePush.Index(index.descriptor(), index);
    }

    @Test
    void assemble_manifestsAndNestedIndex_flattenedSortedAttestationsLast() {
        Descriptor amd = manifest("amd").withPlatform(AMD64);
        Descriptor note = attestation("note", amd);
        Map<Platform, SlicePush> slices = new LinkedHashMap<>();
        slices.put(ARM64, new SlicePush.Manifest(manifest("arm")));
        slices.put(AMD64, index(note, amd, note));

        ImageIndex assembled = ImageIndex.assemble(slices);

        assertThat(assembled.entries()).containsExactly(amd, manifest("arm").withPlatform(ARM64), note);
        assertThat(assembled.runnable()).containsExactly(amd, manifest("arm").withPlatform(ARM64));
        assertThat(assembled.mediaType()).isEqualTo(MediaType.OCI_INDEX);
        ImageIndex again = ImageIndex.parse(assembled.bytes());
        assertThat(again.entries()).isEqualTo(assembled.entries());
        assertThat(again.descriptor()).isEqualTo(assembled.descriptor());
    }

    @Test
    void assemble_otherOrder_sameBytes() {
        SlicePush amd = new SlicePush.Manifest(manifest("amd"));
        SlicePush arm = new SlicePush.Manifest(manifest("arm"));
        Map<Platform, SlicePush> one = new LinkedHashMap<>();
        one.put(AMD64, amd);
        one.put(ARM64, arm);
        Map<Platform, SlicePush> other = new LinkedHashMap<>();
        other.put(ARM64, arm);
        other.put(AMD64, amd);

        assertThat(ImageIndex.assemble(one).bytes())
                .isEqualTo(ImageIndex.assemble(other).bytes());
        assertThat(new String(ImageIndex.assemble(one).bytes(), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":["
                                + "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\""
                                + manifest("amd").digest()
                                + "\",\"size\":3,\"platform\":{\"architecture\":\"amd64\",\"os\":\"linux\"}},"
                                + "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\""
                                + manifest("arm").digest()
                                + "\",\"size\":3,\"platform\":{\"architecture\":\"arm64\",\"os\":\"linux\"}}]}");
    }

    static Stream<Arguments> wrongSlices() {
        Descriptor amd = manifest("amd").withPlatform(AMD64);
        Descriptor arm = manifest("arm").withPlatform(ARM64);
        return Stream.of(
                Arguments.of("at least one platform", Map.of()),
                Arguments.of("states the platform", Map.of(AMD64, new SlicePush.Manifest(arm))),
                Arguments.of("states the platform", Map.of(AMD64, index(arm))),
                Arguments.of("0 images instead of one", Map.of(AMD64, index(attestation("n", amd)))),
                Arguments.of("2 images instead of one", Map.of(AMD64, index(amd, arm))),
                Arguments.of("not about the image", Map.of(AMD64, index(amd, attestation("n", arm)))),
                Arguments.of(
                        "neither an image nor an attestation",
                        Map.of(AMD64, index(amd, manifest("n").withPlatform(Platform.UNKNOWN)))),
                Arguments.of(
                        "neither an image nor an attestation",
                        Map.of(AMD64, index(amd, Descriptor.of(MediaType.OCI_INDEX, new byte[2])))),
                Arguments.of(
                        "the same manifest",
                        Map.of(
                                AMD64, new SlicePush.Manifest(manifest("x")),
                                ARM64, new SlicePush.Manifest(manifest("x")))),
                Arguments.of("no image is built", Map.of(Platform.UNKNOWN, new SlicePush.Manifest(manifest("x")))));
    }

    @ParameterizedTest
    @MethodSource("wrongSlices")
    void assemble_wrongSlices_refused(String why, Map<Platform, SlicePush> slices) {
        assertThatThrownBy(() -> ImageIndex.assemble(slices))
                .isInstanceOf(ImageFormatException.class)
                .hasMessageContaining(why);
    }

    @Test
    void assemble_requestedPlatformMissing_refused() {
        Map<Platform, SlicePush> slices = Map.of(AMD64, new SlicePush.Manifest(manifest("amd")));
        assertThatThrownBy(() -> ImageIndex.assemble(Set.of(AMD64, ARM64), slices))
                .hasMessage("the index was asked for linux/amd64, linux/arm64 but the slices are for linux/amd64");
        assertThat(ImageIndex.assemble(Set.of(AMD64), slices).entries()).hasSize(1);
    }

    @Test
    void slicePush_indexOfOtherDigest_refused() {
        ImageIndex index = ImageIndex.parse(ImageIndex.json(List.of(manifest("a")), Map.of()));
        Descriptor other = Descriptor.of(MediaType.OCI_INDEX, new byte[3]);
        assertThatThrownBy(() -> new SlicePush.Index(other, index)).isInstanceOf(ImageFormatException.class);
        assertThatThrownBy(() -> new SlicePush.Manifest(other)).isInstanceOf(ImageFormatException.class);
    }

    static Stream<Arguments> wrongIndexes() {
        String entry = "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\""
                + manifest("x").digest() + "\",\"size\":1}";
        return Stream.of(
                Arguments.of("not a JSON object", ""),
                Arguments.of("not valid JSON", "{"),
                Arguments.of("not valid JSON", "{\"schemaVersion\":2,\"manifests\":[]} x"),
                Arguments.of("not valid JSON", "{\"schemaVersion\":2,\"manifests\":[],\"manifests\":[]}"),
                Arguments.of("not valid JSON", "{\"schemaVersion\":2,\"manifests\":[{\"size\":1,\"size\":2}]}"),
                Arguments.of("not a JSON object", "[]"),
                Arguments.of("schemaVersion", "{\"manifests\":[]}"),
                Arguments.of("schemaVersion", "{\"schemaVersion\":1,\"manifests\":[]}"),
                Arguments.of("no list", "{\"schemaVersion\":2}"),
                Arguments.of("belongs to a manifest", "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}"),
                Arguments.of("belongs to a manifest", "{\"schemaVersion\":2,\"manifests\":[],\"config\":{}}"),
                Arguments.of(
                        "no index",
                        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"manifests\":[]}"),
                Arguments.of("no size", "{\"schemaVersion\":2,\"manifests\":[" + entry.replace("1}", "-1}") + "]}"),
                Arguments.of("no size", "{\"schemaVersion\":2,\"manifests\":[" + entry.replace("1}", "1.5}") + "]}"),
                Arguments.of("wrong", "{\"schemaVersion\":2,\"manifests\":[" + entry.replace("sha256", "md5") + "]}"),
                Arguments.of(
                        "not a string",
                        "{\"schemaVersion\":2,\"manifests\":[" + entry.replace("1}", "1,\"annotations\":{\"a\":1}}")
                                + "]}"),
                Arguments.of("not a JSON object", "{\"schemaVersion\":2,\"manifests\":[1]}"));
    }

    @ParameterizedTest
    @MethodSource("wrongIndexes")
    void parse_wrongIndex_refused(String why, String json) {
        assertThatThrownBy(() -> ImageIndex.parse(json.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(ImageFormatException.class)
                .hasMessageContaining(why);
    }

    @Test
    void parse_moreThanFourMebibytes_refused() {
        byte[] large = new byte[ImageIndex.MAX_BYTES + 1];
        Arrays.fill(large, (byte) ' ');
        assertThatThrownBy(() -> ImageIndex.parse(large)).hasMessageContaining("4194304");
    }
}
