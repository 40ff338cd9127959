package dev.sheaf.coordinator.publish;

import static dev.sheaf.coordinator.publish.PublishBench.AMD64;
import static dev.sheaf.coordinator.publish.PublishBench.I386;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.dispatch.Attachments;
import dev.sheaf.coordinator.dispatch.IndexPublisher.Publication;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.ImageIndex;
import dev.sheaf.image.Platform;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.testregistry.RegistryProcess;
import dev.sheaf.testregistry.RegistryProxy;
import dev.sheaf.testregistry.TestImages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies in a real registry after publishing, and what does not. */
@Tag("lab")
final class RegistryIndexPublisherTest {
    private static final List<Platform> BOTH = List.of(AMD64, I386);

    @TempDir
    Path directory;

    private RegistryProcess registry;
    private RegistryProxy proxy;
    private PublishBench bench;
    private Registry direct;

    @BeforeEach
    void start() throws Exception {
        registry = RegistryProcess.start(directory, "");
        proxy = RegistryProxy.before(registry.address());
        bench = new PublishBench(proxy.address());
        direct = bench.registries.open(registry.address(), dev.sheaf.image.registry.Credentials.ANONYMOUS);
    }

    @AfterEach
    void stop() {
        bench.close();
        proxy.close();
        registry.close();
    }

    private BuildSnapshot twoPlatforms(String... tags) throws Exception {
        return twoPlatforms(bench.request(BOTH, tags));
    }

    /** One slice is a bare manifest, the other an index with an attestation; in each of the repositories. */
    private BuildSnapshot twoPlatforms(BuildRequest request) throws Exception {
        Descriptor amd64 = null;
        Descriptor i386 = null;
        for (var tag : request.tags()) {
            TestImages images = new TestImages(direct, tag.repository());
            i386 = images.image(I386, "1");
            Descriptor image = images.image(AMD64, "1");
            amd64 = images.index(image.withPlatform(AMD64), images.attestation(image, "1"));
        }
        return bench.verified(request, Map.of(AMD64, amd64, I386, i386));
    }

    @Test
    void twoRepositoriesThreeTags_allPointToOneFlatIndexWithTheAttestation() throws Exception {
        BuildSnapshot build = twoPlatforms("app:1", "app:latest", "team/mirror:1");

        Publication publication = bench.publish(build);

        assertThat(publication).isInstanceOf(Publication.Published.class);
        Descriptor index = ((Publication.Published) publication).index();
        ImageIndex found = ImageIndex.parse(direct.get("app", "1").bytes());
        assertThat(found.descriptor()).isEqualTo(index);
        assertThat(found.runnable())
                .extracting(entry -> entry.platform().orElseThrow())
                .containsExactly(I386, AMD64);
        assertThat(found.entries()).hasSize(3);
        assertThat(found.entries().getLast().annotations())
                .containsEntry(
                        Descriptor.REFERENCE_DIGEST,
                        found.runnable().getLast().digest().value());
        for (Descriptor entry : found.entries()) {
            assertThat(direct.get("team/mirror", entry.digest().value()).descriptor())
                    .matches(entry::isSameContent);
        }
        assertThat(direct.head("app", "latest")).contains(index);
        assertThat(direct.head("team/mirror", "1")).contains(index);
    }

    @Test
    void again_sameBytes_noTagIsWrittenTwice() throws Exception {
        BuildSnapshot build = twoPlatforms("app:1");
        Publication first = bench.publish(build);
        BuildSnapshot turned = twoPlatforms(bench.request(List.of(I386, AMD64), "app:1"));

        assertThat(bench.publish(turned)).isEqualTo(first);
        assertThat(proxy.passed("PUT /v2/app/manifests/1")).hasSize(1);
    }

    @Test
    void gateClosed_indexWithoutTag() throws Exception {
        BuildSnapshot build = twoPlatforms("app:1");
        Publication publication = new RegistryIndexPublisher(bench.access, bench.pauses::add, () -> true)
                .publish(build, build.request().tags(), Attachments.NONE, bench.new Gate(false));
        assertThat(publication).isInstanceOf(Publication.Abandoned.class);
        assertThat(direct.head("app", "1")).isEmpty();
    }

    @Test
    void childDeletedSinceItWasVerified_namesTheSliceAndMovesNothing() throws Exception {
        BuildSnapshot build = twoPlatforms("app:1");
        Descriptor gone = new TestImages(direct, "app").image(I386, "1");
        RegistrySliceVerifierTest.delete(registry, "app", gone.digest());

        Publication publication = bench.publish(build);

        assertThat(publication).isInstanceOfSatisfying(Publication.Incomplete.class, incomplete -> {
            assertThat(incomplete.missing()).containsExactly(I386);
            assertThat(incomplete.failure().kind()).isEqualTo(Failure.Kind.REGISTRY);
            assertThat(incomplete.failure().message())
                    .contains("linux/386 (" + proxy.address() + "/app@" + gone.digest())
                    .doesNotContain("linux/amd64");
        });
        assertThat(direct.head("app", "1")).isEmpty();
    }

    @Test
    void attestationDeletedSinceItWasVerified_namesItsSlice() throws Exception {
        BuildSnapshot build = twoPlatforms("app:1");
        TestImages images = new TestImages(direct, "app");
        Descriptor note = images.attestation(images.image(AMD64, "1"), "1");
        RegistrySliceVerifierTest.delete(registry, "app", note.digest());
        assertThat(bench.publish(build))
                .isInstanceOfSatisfying(
                        Publication.Incomplete.class,
                        incomplete -> assertThat(incomplete.missing()).containsExactly(AMD64));
    }

    @Test
    void tagThatReadsOtherwiseForGood_refusedWithBothDigests() throws Exception {
        Descriptor other = new TestImages(direct, "app").image(AMD64, "other");
        direct.put(
                "app",
                "other",
                other.mediaType(),
                direct.get("app", other.digest().value()).bytes());
        BuildSnapshot build = twoPlatforms("app:1");
        proxy.on("GET /v2/app/manifests/1")
                .times(6)
                .answers(
                        200,
                        new String(direct.get("app", "other").bytes(), java.nio.charset.StandardCharsets.UTF_8),
                        "Content-Type",
                        other.mediaType().value());

        Publication publication = bench.publish(build);

        assertThat(publication).isInstanceOf(Publication.Refused.class);
        assertThat(PublishBench.failure(publication).message())
                .contains("the tag " + proxy.address() + "/app:1 was moved to sha256:")
                .contains("and points to " + other.digest());
    }

    @Test
    void tagThatShowsItsMoveLate_published() throws Exception {
        BuildSnapshot build = twoPlatforms("app:1");
        proxy.on("GET /v2/app/manifests/1").times(2).answers(404, "");
        assertThat(bench.publish(build)).isInstanceOf(Publication.Published.class);
        assertThat(bench.pauses).hasSize(2);
    }

    @Test
    void wrongPassword_refusedForTheLogin() throws Exception {
        BuildSnapshot build = twoPlatforms("app:1");
        Path other = Files.createDirectory(directory.resolve("closed"));
        try (RegistryProcess closed = RegistryProcess.withPasswords(other, "ann", "s3cret-pw");
                PublishBench there = new PublishBench(closed.address())) {
            BuildSnapshot elsewhere = new BuildSnapshot(
                    build.id(),
                    build.state(),
                    there.request(BOTH, "app:1"),
                    build.slices(),
                    build.submitted(),
                    build.result());
            Publication publication = there.publish(elsewhere, PublishBench.ann(closed.address(), "wrong-pw"));
            assertThat(publication).isInstanceOf(Publication.Refused.class);
            assertThat(PublishBench.failure(publication).kind()).isEqualTo(Failure.Kind.AUTHENTICATION);
        }
    }

    @Test
    void registryDown_mayBeTriedAgain() throws Exception {
        BuildSnapshot build = twoPlatforms("app:1");
        proxy.close();
        Publication publication = bench.publish(build);
        assertThat(publication).isInstanceOf(Publication.Unavailable.class);
        assertThat(PublishBench.failure(publication).kind()).isEqualTo(Failure.Kind.REGISTRY);
        assertThat(PublishBench.failure(publication).message()).contains("no connection to http://" + proxy.address());
    }
}
