package dev.sheaf.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ValuesTest {
    private static final String HEX = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @ParameterizedTest
    @CsvSource({
        "linux/amd64, linux/amd64",
        "linux/x86_64, linux/amd64",
        "linux/x86-64, linux/amd64",
        "linux/amd64/v1, linux/amd64",
        "linux/amd64/v3, linux/amd64/v3",
        "Linux/AMD64, linux/amd64",
        "linux/i386, linux/386",
        "linux/386, linux/386",
        "linux/aarch64, linux/arm64",
        "linux/arm64/v8, linux/arm64",
        "linux/arm64/8, linux/arm64",
        "linux/arm64/v9, linux/arm64/v9",
        "linux/arm, linux/arm/v7",
        "linux/arm/7, linux/arm/v7",
        "linux/arm/6, linux/arm/v6",
        "linux/arm/v5, linux/arm/v5",
        "linux/armhf, linux/arm/v7",
        "linux/armel, linux/arm/v6",
        "linux/riscv64, linux/riscv64",
        "linux/ppc64le, linux/ppc64le",
        "macos/arm64, darwin/arm64",
        "windows/amd64, windows/amd64",
    })
    void platform_parse_normalisedAsContainerdDoes(String text, String canonical) {
        assertThat(Platform.parse(text)).hasToString(canonical);
        assertThat(Platform.parse(canonical)).isEqualTo(Platform.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "linux",
                "/",
                "linux/",
                "/amd64",
                "linux/arm/",
                "linux/arm/v7/x",
                "linux amd64",
                "linux/am d64",
                "unknown/unknown",
                "linux/amd64,linux/arm64",
                "linux/../x"
            })
    void platform_parseBadInput_refusedInOneLine(String text) {
        assertThatThrownBy(() -> Platform.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("\"" + text + "\" is not a platform");
    }

    @Test
    void digest_ofBytes_isSha256() {
        Digest digest = Digest.of("abc".getBytes(StandardCharsets.US_ASCII));
        assertThat(digest).hasToString("sha256:" + HEX);
        assertThat(digest.hex()).isEqualTo(HEX);
        assertThat(Digest.parse("sha256:" + HEX)).isEqualTo(digest);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                HEX,
                "sha256:",
                "sha256:" + HEX + "0",
                "sha512:" + HEX,
                "sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
                "sha256:" + HEX + "\n"
            })
    void digest_parseBadInput_refused(String text) {
        assertThatThrownBy(() -> Digest.parse(text)).hasMessageContaining("is not a digest");
    }

    @ParameterizedTest
    @CsvSource({
        "application/vnd.oci.image.index.v1+json, true, false",
        "application/vnd.docker.distribution.manifest.list.v2+json, true, false",
        "application/vnd.oci.image.manifest.v1+json, false, true",
        "Application/VND.oci.image.manifest.v1+json; charset=utf-8, false, true",
        "application/vnd.docker.distribution.manifest.v1+json, false, false",
    })
    void mediaType_known_toldApart(String text, boolean index, boolean manifest) {
        MediaType type = MediaType.parse(text);
        assertThat(type.isIndex()).isEqualTo(index);
        assertThat(type.isManifest()).isEqualTo(manifest);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "json", "a/b/c", "a /b", "/b"})
    void mediaType_badInput_refused(String text) {
        assertThatThrownBy(() -> MediaType.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "app, docker.io/library/app",
        "app:1, docker.io/library/app:1",
        "team/app:1, docker.io/team/app:1",
        "docker.io/app, docker.io/library/app",
        "index.docker.io/team/app, docker.io/team/app",
        "localhost/app:1, localhost/app:1",
        "localhost:5000/app, localhost:5000/app",
        "127.0.0.1:5000/a/b/c:x_Y.z-1, 127.0.0.1:5000/a/b/c:x_Y.z-1",
        "[::1]:5000/app:1, [::1]:5000/app:1",
        "Registry/app, Registry/app",
        "r.example/app__x/y--z:latest, r.example/app__x/y--z:latest",
        "r.example/app@sha256:" + HEX + ", r.example/app@sha256:" + HEX,
        "r.example/app:1@sha256:" + HEX + ", r.example/app:1@sha256:" + HEX,
    })
    void reference_parse_canonical(String text, String canonical) {
        ImageReference reference = ImageReference.parse(text);
        assertThat(reference).hasToString(canonical);
        assertThat(ImageReference.parse(canonical)).isEqualTo(reference);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":1",
                "app:",
                "app@",
                "App",
                "r.example/App",
                "app:-1",
                "app:1:2",
                "r.example/",
                "/app",
                "https://r.example/app",
                "r.example/a//b",
                "app@sha256:12",
                "r.example:port/app",
                "a b",
                "r.example/../x",
                "app:.x",
                "user@r.example/app"
            })
    void reference_parseBadInput_refusedInOneLine(String text) {
        assertThatThrownBy(() -> ImageReference.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("\"" + text + "\" is not an image reference: ");
    }

    @Test
    void reference_targets_digestBeforeTagBeforeLatest() {
        assertThat(ImageReference.parse("app").target()).isEqualTo("latest");
        assertThat(ImageReference.parse("app").orLatest()).hasToString("docker.io/library/app:latest");
        assertThat(ImageReference.parse("app:2").target()).isEqualTo("2");
        assertThat(ImageReference.parse("app:2@sha256:" + HEX).target()).isEqualTo("sha256:" + HEX);
        assertThat(ImageReference.parse("app:2").withDigest(Digest.parse("sha256:" + HEX)))
                .hasToString("docker.io/library/app@sha256:" + HEX);
    }
}
