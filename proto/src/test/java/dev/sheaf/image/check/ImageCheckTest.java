package dev.sheaf.image.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageFormatException;
import dev.sheaf.image.MediaType;
import dev.sheaf.image.Platform;
import dev.sheaf.image.arch.Finding;
import dev.sheaf.image.arch.Policy;
import dev.sheaf.image.arch.Rule;
import dev.sheaf.image.layer.LayerFacts;
import dev.sheaf.image.layer.LayerLimits;
import dev.sheaf.image.registry.RegistryException;
import dev.sheaf.testregistry.ElfBytes;
import dev.sheaf.testregistry.LayerBytes;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The way from a registry to findings, and what happens when the registry does not play along. */
final class ImageCheckTest {
    private static final String REPOSITORY = "team/app";
    private static final Platform ARM64 = Platform.parse("linux/arm64");
    private static final byte[] BASE =
            new LayerBytes().program("bin/sh", ElfBytes.arm64()).gzip();
    private static final byte[] TOP =
            new LayerBytes().program("app/tool", ElfBytes.amd64()).zstd();

    private final FakeRegistry registry = new FakeRegistry();
    private final Map<Digest, LayerFacts> remembered = new HashMap<>();
    private Instant now = Instant.EPOCH;
    private final ImageCheck check = new ImageCheck(
            new LayerFactsCache() {
                @Override
                public Optional<LayerFacts> get(Digest layer) {
                    return Optional.ofNullable(remembered.get(layer));
                }

                @Override
                public void put(LayerFacts facts) {
                    remembered.put(facts.digest(), facts);
                }
            },
            LayerLimits.DEFAULT,
            () -> now = now.plusSeconds(1));

    private Digest image(long lie, byte[]... layers) {
        String config = """
                {"os":"linux","architecture":"arm64","config":{"Entrypoint":["/bin/sh"]},
                 "history":[{"created_by":"ADD rootfs /"},{"created_by":"ENV x","empty_layer":true},
                            {"created_by":"RUN /bin/sh -c make # buildkit"}]}""";
        String list = Arrays.stream(layers)
                .map(layer -> "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\""
                        + registry.blob(layer) + "\",\"size\":" + (layer.length + lie) + "}")
                .collect(Collectors.joining(","));
        return put(
                MediaType.OCI_MANIFEST,
                "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" + MediaType.OCI_CONFIG + "\",\"digest\":\""
                        + registry.blob(bytes(config)) + "\",\"size\":" + config.length() + "},\"layers\":[" + list
                        + "]}");
    }

    private Digest put(MediaType type, String json) {
        Digest digest = Digest.of(bytes(json));
        registry.put(REPOSITORY, digest.value(), type, bytes(json), () -> {});
        return digest;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private CheckReport check(Digest digest) throws Exception {
        return check(digest, Policy.STRICT);
    }

    private CheckReport check(Digest digest, Policy policy) throws Exception {
        UnaryOperator<InputStream> fault = registry.fault;
        registry.fault = in -> in; // layers have it, and ConfigReadTest is about configs
        ImageDocuments image = ImageDocuments.read(registry, REPOSITORY, registry.get(REPOSITORY, digest.value()));
        registry.fault = fault;
        registry.read.clear();
        return check.check(new ImageCheck.Subject(registry, REPOSITORY, image, ARM64, Set.of()), policy);
    }

    @Test
    void check_image_isReadOnceAndJudged() throws Exception {
        Digest image = image(0, BASE, TOP);
        CheckReport first = check(image);
        assertThat(first.errors())
                .extracting(Finding::sentence)
                .containsExactly(
                        "/app/tool is an x86-64 program, and this image is for linux/arm64 (layer 2, RUN make):"
                                + " have this step make or fetch it for $TARGETARCH");
        assertThat(first.manifest()).isEqualTo(image);
        assertThat(first.bytesRead()).isEqualTo(BASE.length + TOP.length);
        assertThat(first.layersRead()).isEqualTo(2);
        assertThat(first.layersRemembered()).isZero();
        assertThat(first.took()).isEqualTo(Duration.ofSeconds(1));
        assertThat(first.image()).isPresent();

        CheckReport second = check(image);
        assertThat(second.findings()).isEqualTo(first.findings());
        assertThat(second.layersRemembered()).isEqualTo(2);
        assertThat(second.bytesRead()).isZero();
        assertThat(registry.read).isEmpty();
    }

    @Test
    void check_layerThatNobodyCanRead_isAnError() throws Exception {
        CheckReport report = check(image(0, BASE, bytes("no tar")));
        assertThat(report.errors()).extracting(Finding::rule).containsExactly(Rule.LAYER_UNREADABLE);
        assertThat(report.errors().getFirst().sentence())
                .startsWith("the layer " + Digest.of(bytes("no tar")) + " cannot be checked: it cannot be unpacked (");
        assertThat(report.image()).isEmpty();
        assertThat(remembered).hasSize(1);
    }

    @Test
    void check_registryInTrouble_isNoVerdict() {
        Digest image = image(0, BASE, TOP);
        registry.fault = in -> new FilterInputStream(in) {
            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                throw new IOException("connection reset");
            }
        };
        assertThatThrownBy(() -> check(image))
                .isInstanceOf(RegistryException.Unavailable.class)
                .hasMessageContaining("registry.example/team/app broke off: connection reset");
        registry.fault = in -> new FilterInputStream(in) {
            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int count = super.read(buffer, offset, length);
                if (count < 0) {
                    throw new RegistryException.Inconsistent("has other content");
                }
                return count;
            }
        };
        assertThatThrownBy(() -> check(image)).isInstanceOf(RegistryException.Inconsistent.class);
        registry.fault = in -> in;
        registry.forget(Digest.of(TOP));
        assertThatThrownBy(() -> check(image)).isInstanceOf(RegistryException.NotFound.class);
        assertThat(remembered.keySet()).containsExactly(Digest.of(BASE));
    }

    @Test
    void check_blobLargerThanStated_isInconsistent() {
        Digest image = image(-1, BASE);
        assertThatThrownBy(() -> check(image))
                .isInstanceOf(RegistryException.Inconsistent.class)
                .hasMessageContaining("more than the " + (BASE.length - 1) + " bytes that its manifest states");
    }

    @Test
    void check_interrupted_endsAsThat() {
        Digest image = image(0, BASE);
        registry.fault = in -> {
            Thread.currentThread().interrupt();
            return in;
        };
        assertThatThrownBy(() -> check(image)).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void check_modeOff_readsNothing() throws Exception {
        CheckReport report = check(image(0, TOP), new Policy(Policy.Mode.OFF, List.of()));
        assertThat(report.findings()).isEmpty();
        assertThat(registry.read).isEmpty();
    }

    @Test
    void check_imageWithoutLayers_fits() throws Exception {
        String config = "{\"os\":\"linux\",\"architecture\":\"arm64\",\"config\":{\"Labels\":{\"a\":\"b\"}},"
                + "\"history\":[{\"created_by\":\"LABEL a=b\",\"empty_layer\":true}]}";
        Digest image = put(
                MediaType.OCI_MANIFEST,
                "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" + MediaType.OCI_CONFIG + "\",\"digest\":\""
                        + registry.blob(bytes(config)) + "\",\"size\":" + config.length() + "},\"layers\":null}");
        CheckReport report = check(image);
        assertThat(report.findings()).isEmpty();
        assertThat(report.image()).isPresent();
        assertThat(report.layersRead()).isZero();
    }

    @Test
    void check_moreLayersThanEnginesTake_isRefused() {
        byte[] layer = new LayerBytes().text("a", "b").tar();
        Digest image = image(0, Collections.nCopies(1_001, layer).toArray(byte[][]::new));
        assertThatThrownBy(() -> check(image))
                .isInstanceOf(ImageFormatException.class)
                .hasMessage("the manifest " + image + " has 1001 layers, more than the 1000 that are allowed");
        assertThat(registry.read).isEmpty();
    }

    @Test
    void check_badManifests_areRefusedInWords() {
        for (String json : List.of("{}", "[]", "{\"layers\":[{}]}", "{\"layers\":[],\"config\":{\"size\":-1}}")) {
            Digest digest = put(MediaType.OCI_MANIFEST, json);
            assertThatThrownBy(() -> check(digest))
                    .as(json)
                    .isInstanceOf(ImageFormatException.class)
                    .hasMessageContaining("the manifest");
        }
    }
}
