package dev.sheaf.coordinator.publish;

import static dev.sheaf.coordinator.publish.PublishBench.AMD64;
import static dev.sheaf.coordinator.publish.PublishBench.I386;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.dispatch.Attachments;
import dev.sheaf.coordinator.dispatch.SliceVerifier.Verdict;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.Platform;
import dev.sheaf.testregistry.RegistryProcess;
import dev.sheaf.testregistry.RegistryProxy;
import dev.sheaf.testregistry.TestImages;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the verifier believes of a real registry, and what it does not. */
@Tag("lab")
final class RegistrySliceVerifierTest {
    @TempDir
    Path directory;

    private RegistryProcess registry;
    private PublishBench bench;
    private TestImages app;

    @BeforeEach
    void start() throws Exception {
        registry = RegistryProcess.start(directory, "");
        bench = new PublishBench(registry.address());
        app = bench.images("app");
    }

    @AfterEach
    void stop() {
        bench.close();
        registry.close();
    }

    private Verdict verify(Platform platform, Digest pushed) throws InterruptedException {
        return bench.verify(bench.request(List.of(platform), "app:1"), platform, pushed, Attachments.NONE);
    }

    private static Failure refused(Verdict verdict, Platform platform) {
        assertThat(verdict).isInstanceOf(Verdict.Refused.class);
        Failure failure = ((Verdict.Refused) verdict).failure();
        assertThat(failure.platform()).contains(platform);
        assertThat(failure.message()).doesNotContain("\n");
        return failure;
    }

    private void refusedAsWrong(Platform platform, Digest pushed, String... texts) throws InterruptedException {
        Failure failure = refused(verify(platform, pushed), platform);
        assertThat(failure.kind()).isEqualTo(Failure.Kind.VERIFICATION);
        assertThat(failure.message()).contains(texts).endsWith("; no tag was moved");
    }

    @Test
    void manifest_ofThePlatform_verified() throws Exception {
        Descriptor image = app.image(I386, "1");
        Verdict verdict = verify(I386, image.digest());
        assertThat(verdict).isInstanceOfSatisfying(Verdict.Verified.class, verified -> {
            assertThat(verified.image().pushed()).isEqualTo(image);
            assertThat(verified.image().manifests()).containsExactly(image.withPlatform(I386));
        });
    }

    @Test
    void index_withAttestation_verifiedWithBoth() throws Exception {
        Descriptor image = app.image(AMD64, "1");
        Descriptor note = app.attestation(image, "1");
        Descriptor index = app.index(image.withPlatform(AMD64), note);
        VerifiedSlice slice = ((Verdict.Verified) verify(AMD64, index.digest())).image();
        assertThat(slice.pushed()).isEqualTo(index);
        assertThat(slice.manifests()).containsExactly(image.withPlatform(AMD64), note);
    }

    @Test
    void otherArchitectureInside_refusedWithBothPlatforms() throws Exception {
        Descriptor image = app.image(AMD64, "1");
        refusedAsWrong(I386, image.digest(), "is an image for linux/amd64, and linux/386 was asked for");
        Descriptor index = app.index(image.withPlatform(I386));
        refusedAsWrong(I386, index.digest(), "is an image for linux/amd64, and linux/386 was asked for");
    }

    @Test
    void otherVariantInside_refusedWithBothPlatforms() throws Exception {
        Descriptor image = app.image(Platform.parse("linux/arm/v6"), "1");
        refusedAsWrong(
                Platform.parse("linux/arm/v7"),
                image.digest(),
                "is an image for linux/arm/v6, and linux/arm/v7 was asked for");
    }

    @Test
    void indexThatLiesAboutASize_refused() throws Exception {
        Descriptor image = app.image(AMD64, "1");
        Descriptor lie = Descriptor.of(image.mediaType(), image.digest(), image.size() + 1);
        refusedAsWrong(
                AMD64,
                app.index(lie.withPlatform(AMD64)).digest(),
                image.size() + " bytes",
                Long.toString(image.size() + 1));
    }

    @Test
    void indexOfTwoImages_refused() throws Exception {
        Descriptor index = app.index(
                app.image(AMD64, "1").withPlatform(AMD64), app.image(I386, "2").withPlatform(I386));
        refusedAsWrong(AMD64, index.digest(), "holds 2 images, and a slice is exactly one");
    }

    @Test
    void digestOfNothing_refusedAfterPatience() throws Exception {
        refusedAsWrong(AMD64, Digest.of(new byte[] {7}), "is not there");
        assertThat(bench.pauses).hasSize(2);
    }

    @Test
    void attestationThatIsGone_refused() throws Exception {
        Descriptor image = app.image(AMD64, "1");
        Descriptor note = app.attestation(image, "1");
        Descriptor index = app.index(image.withPlatform(AMD64), note);
        delete(registry, "app", note.digest());
        refusedAsWrong(AMD64, index.digest(), "is not there", note.digest().value());
    }

    @Test
    void configDamagedInStorage_refused() throws Exception {
        Descriptor image = app.image(AMD64, "1");
        VerifiedSlice slice = ((Verdict.Verified) verify(AMD64, image.digest())).image();
        String hex = slice.config().value().substring("sha256:".length());
        Path blob = registry.storage()
                .resolve("docker/registry/v2/blobs/sha256/" + hex.substring(0, 2) + "/" + hex + "/data");
        Files.writeString(blob, Files.readString(blob).replace("amd64", "arm64"));
        refusedAsWrong(AMD64, image.digest(), "cannot be read back", hex);
    }

    @Test
    void secondRepositoryWithoutTheImage_refusedByItsName() throws Exception {
        Descriptor image = app.image(AMD64, "1");
        var request = bench.request(List.of(AMD64), "app:1", "mirror:1");
        Failure failure = refused(bench.verify(request, AMD64, image.digest(), Attachments.NONE), AMD64);
        assertThat(failure.kind()).isEqualTo(Failure.Kind.VERIFICATION);
        assertThat(failure.message()).contains("repository mirror ");
    }

    @Test
    void wrongPassword_refusedForTheLogin() throws Exception {
        Path other = Files.createDirectory(directory.resolve("closed"));
        try (RegistryProcess closed = RegistryProcess.withPasswords(other, "ann", "s3cret-pw");
                PublishBench there = new PublishBench(closed.address())) {
            Failure failure = refused(
                    there.verify(
                            there.request(List.of(AMD64), "app:1"),
                            AMD64,
                            Digest.of(new byte[1]),
                            PublishBench.ann(closed.address(), "wrong-pw")),
                    AMD64);
            assertThat(failure.kind()).isEqualTo(Failure.Kind.AUTHENTICATION);
            assertThat(failure.message()).contains("docker login").doesNotContain("wrong-pw");
        }
    }

    @Test
    void registryDown_mayBeTriedAgain() throws Exception {
        Descriptor image = app.image(AMD64, "1");
        registry.kill();
        assertThat(verify(AMD64, image.digest())).isInstanceOfSatisfying(Verdict.Unavailable.class, unavailable -> {
            assertThat(unavailable.failure().kind()).isEqualTo(Failure.Kind.REGISTRY);
            assertThat(unavailable.failure().message()).contains("no connection to http://" + registry.address());
        });
    }

    @Test
    void registryThatNeverAnswers_endsAtTheLimit() throws Exception {
        Descriptor image = app.image(AMD64, "1");
        try (RegistryProxy proxy = RegistryProxy.before(registry.address());
                PublishBench there = new PublishBench(proxy.address())) {
            proxy.on("GET .*/blobs/.*").hangs();
            Verdict verdict = new RegistrySliceVerifier(
                            there.access, new ReadImages(), there.pauses::add, Duration.ofSeconds(1))
                    .verify(
                            there.request(List.of(AMD64), "app:1"),
                            new SliceId(PublishBench.BUILD, AMD64),
                            image.digest(),
                            Attachments.NONE);
            assertThat(verdict)
                    .isInstanceOfSatisfying(
                            Verdict.Unavailable.class,
                            unavailable -> assertThat(unavailable.failure().message())
                                    .contains("did not come to an end within 1 s"));
        }
    }

    static void delete(RegistryProcess registry, String repository, Digest digest)
            throws IOException, InterruptedException {
        HttpResponse<Void> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(
                                        "http://" + registry.address() + "/v2/" + repository + "/manifests/" + digest))
                                .DELETE()
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
        assertThat(response.statusCode()).isEqualTo(202);
    }
}
