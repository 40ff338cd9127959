package dev.sheaf.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ImageManifestTest {
    private static final String CONFIG = blob("application/vnd.oci.image.config.v1+json", "config", 7);
    private static final String LAYERS = blob("application/vnd.oci.image.layer.v1.tar+gzip", "low", 1000) + ","
            + blob("application/vnd.oci.image.layer.v1.tar+zstd", "high", 24);

    private static String blob(String mediaType, String content, int size) {
        return "{\"mediaType\":\"" + mediaType + "\",\"digest\":\"" + digest(content) + "\",\"size\":" + size + "}";
    }

    private static Digest digest(String content) {
        return Digest.of(content.getBytes(StandardCharsets.UTF_8));
    }

    private static ImageManifest parse(String json) {
        return ImageManifest.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void parse_image_configLayersInOrderAndNotes() {
        ImageManifest manifest = parse("{\"schemaVersion\":2,\"config\":" + CONFIG + ",\"layers\":[" + LAYERS
                + "],\"annotations\":{\"b\":\"2\",\"a\":\"1\"}}");

        assertThat(manifest.config().digest()).isEqualTo(digest("config"));
        assertThat(manifest.layers()).extracting(Descriptor::digest).containsExactly(digest("low"), digest("high"));
        assertThat(manifest.layersSize()).isEqualTo(1024);
        assertThat(manifest.annotations()).isEqualTo(Map.of("a", "1", "b", "2"));
        assertThat(manifest.isImage()).isTrue();
        assertThat(manifest.artifactType()).isEmpty();
    }

    @Test
    void parse_artifact_isNoImage() {
        ImageManifest manifest = parse("{\"schemaVersion\":2,\"artifactType\":\"application/x\",\"config\":"
                + blob("application/vnd.oci.empty.v1+json", "{}", 2) + ",\"layers\":[]}");

        assertThat(manifest.isImage()).isFalse();
        assertThat(manifest.artifactType()).contains("application/x");
        assertThat(manifest.layersSize()).isZero();
    }

    @Test
    void parse_layersNull_areNone() {
        ImageManifest manifest = parse("{\"schemaVersion\":2,\"config\":" + CONFIG + ",\"layers\":null}");
        assertThat(manifest.layers()).isEmpty();
        assertThat(manifest.isImage()).isTrue();
        assertThat(manifest.layersSize()).isZero();
    }

    @Test
    void parse_layersAbsent_orOfAnotherKind_refused() {
        String image = "{\"schemaVersion\":2,\"config\":" + CONFIG;
        for (String rest : List.of("}", ",\"layers\":{}}", ",\"layers\":\"\"}", ",\"layers\":0}")) {
            assertThatThrownBy(() -> parse(image + rest))
                    .as(rest)
                    .isInstanceOf(ImageFormatException.class)
                    .hasMessage("the manifest has no list \"layers\"");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "not valid JSON | {",
                "not valid JSON: Duplicate field | {'schemaVersion':2,'schemaVersion':2}",
                "not valid JSON: Trailing token | {'schemaVersion':2} 2",
                "not a JSON object | []",
                "schemaVersion 2 | {'schemaVersion':1}",
                "belongs to an index | {'schemaVersion':2,'manifests':[],'layers':[]}",
                "no list \"layers\" | {'schemaVersion':2}",
                "the config of the manifest is not a JSON object | {'schemaVersion':2,'layers':[]}",
                "a layer of the manifest has no size | {'schemaVersion':2,'layers':[{}]}",
            })
    void parse_wrongManifest_refused(String why, String json) {
        assertThatThrownBy(() -> parse(json.replace('\'', '"')))
                .isInstanceOf(ImageFormatException.class)
                .hasMessageContaining(why);
    }

    @Test
    void indexAnnotations_areReadAndWrittenSorted() {
        Descriptor image = Descriptor.of(MediaType.OCI_MANIFEST, new byte[3]);
        Map<Platform, SlicePush> slices = Map.of(Platform.parse("linux/amd64"), new SlicePush.Manifest(image));

        ImageIndex index = ImageIndex.assemble(slices, Map.of("z", "1", "a", "\u00e4"));

        assertThat(new String(index.bytes(), StandardCharsets.UTF_8))
                .endsWith("],\"annotations\":{\"a\":\"\u00e4\",\"z\":\"1\"}}");
        assertThat(ImageIndex.parse(index.bytes()).annotations()).isEqualTo(index.annotations());
        assertThat(ImageIndex.assemble(slices).annotations()).isEmpty();
        assertThat(List.of(index.digest()))
                .doesNotContain(ImageIndex.assemble(slices).digest());
    }
}
