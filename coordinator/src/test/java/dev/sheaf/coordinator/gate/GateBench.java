package dev.sheaf.coordinator.gate;

import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.context.BlobStore;
import dev.sheaf.coordinator.context.BlobWriter;
import dev.sheaf.coordinator.dispatch.Attachments;
import dev.sheaf.coordinator.dispatch.IndexPublisher;
import dev.sheaf.coordinator.dispatch.SliceVerifier.Verdict;
import dev.sheaf.coordinator.publish.PublishBench;
import dev.sheaf.coordinator.publish.ReadImages;
import dev.sheaf.coordinator.publish.RegistryAccess;
import dev.sheaf.coordinator.publish.RegistryIndexPublisher;
import dev.sheaf.coordinator.publish.RegistrySliceVerifier;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import dev.sheaf.image.arch.Policy;
import dev.sheaf.image.check.ImageCheck;
import dev.sheaf.image.check.LayerFactsCache;
import dev.sheaf.image.layer.LayerFacts;
import dev.sheaf.image.layer.LayerLimits;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.Registries;
import dev.sheaf.image.registry.RetryPolicy;
import dev.sheaf.testregistry.RegistryProcess;
import dev.sheaf.testregistry.RegistryProxy;
import dev.sheaf.testregistry.TestImages;
import dev.sheaf.v1.ContextTree;
import dev.sheaf.v1.FileEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Slices that are verified, looked into, compared and published as the coordinator does, by a real registry. */
final class GateBench implements AutoCloseable {
    static final Platform AMD64 = Platform.parse("linux/amd64");
    static final Platform ARM64 = Platform.parse("linux/arm64");

    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));

    private final RegistryProcess registry;
    private final Registries registries = new Registries(
            new RetryPolicy(2, Duration.ofMillis(1), Duration.ofMillis(1), () -> 0, _ -> {}), CLOCK, Set.of());
    private final RegistryAccess access = (_, name, credentials) -> registries.open(name, credentials);
    private final Map<Digest, LayerFacts> layers = new ConcurrentHashMap<>();
    private final ImageCheck check = new ImageCheck(new Remembered(), LayerLimits.DEFAULT, CLOCK);
    private final BlobStore contexts;
    private ReadImages read = new ReadImages();
    private ContentVerifier verifier;

    /** What stands before the registry. */
    final RegistryProxy proxy;

    /** Lines that users were shown while publishing. */
    final List<String> notices = new ArrayList<>();

    /** Pushes to the repository {@code app}, past the proxy. */
    final TestImages images;

    GateBench(Path directory) throws IOException {
        registry = RegistryProcess.start(Files.createDirectory(directory.resolve("registry")), "");
        proxy = RegistryProxy.before(registry.address());
        images = new TestImages(registries.open(registry.address(), Credentials.ANONYMOUS), "app");
        contexts = BlobStore.open(directory.resolve("contexts"), 1 << 20, CLOCK);
        verifier = verifier();
    }

    private ContentVerifier verifier() {
        return new ContentVerifier(new RegistrySliceVerifier(access, read, _ -> {}), access, read, check, contexts);
    }

    private final class Remembered implements LayerFactsCache {
        @Override
        public Optional<LayerFacts> get(Digest layer) {
            return Optional.ofNullable(layers.get(layer));
        }

        @Override
        public void put(LayerFacts facts) {
            layers.put(facts.digest(), facts);
        }
    }

    /** As a coordinator that was started anew, and has lost its file of layers. */
    void forget() {
        layers.clear();
        read = new ReadImages();
        verifier = verifier();
    }

    /** An image of these layers with this history, each with an attestation in an index, as BuildKit pushes it. */
    Descriptor push(Platform platform, List<String> history, byte[]... blobs) throws Exception {
        String entries = String.join("\"},{\"created_by\":\"", history);
        Descriptor image = images.image(
                        platform,
                        "{\"Entrypoint\":[\"/bin/app\"]},\"history\":[{\"created_by\":\"" + entries + "\"}]",
                        blobs)
                .withPlatform(platform);
        return images.index(image, images.attestation(image, platform.toString()));
    }

    /** A tree with this Dockerfile, which the farm holds. */
    BuildRequest.Source tree(String dockerfile) throws IOException {
        Digest text = put(dockerfile.getBytes(StandardCharsets.UTF_8));
        Digest tree = put(ContextTree.newBuilder()
                .addDockerfileEntries(FileEntry.newBuilder()
                        .setPath("Dockerfile")
                        .setSize(dockerfile.length())
                        .setDigest(text.value()))
                .build()
                .toByteArray());
        return new BuildRequest.Source.Tree(tree);
    }

    private Digest put(byte[] bytes) throws IOException {
        Digest digest = Digest.of(bytes);
        try (BlobWriter writer = contexts.of("").write(digest)) {
            writer.write(ByteBuffer.wrap(bytes));
            writer.commit();
        }
        return digest;
    }

    BuildRequest request(BuildRequest.Source source, Optional<Policy> policy, Platform... platforms) {
        BuildRequest.Options none = BuildRequest.Options.defaults();
        return new BuildRequest(
                "key",
                List.of(platforms),
                List.of(ImageReference.parse(proxy.address() + "/app:1")),
                true,
                source,
                new BuildRequest.Options(
                        "", "", Map.of(), Map.of(), none.switches(), "", "", policy, Optional.empty(), List.of()),
                Optional.empty(),
                Optional.empty());
    }

    Verdict verify(BuildRequest request, Platform platform, Digest pushed) throws InterruptedException {
        return verifier.verify(request, new SliceId(PublishBench.BUILD, platform), pushed, Attachments.NONE);
    }

    /** Says what a slice was built from, where that was not pinned. */
    Verdict verifyMaterials(BuildRequest request, Platform platform, Digest pushed) throws InterruptedException {
        return new MaterialsVerifier(new RegistrySliceVerifier(access, read, _ -> {}), access, contexts)
                .verify(request, new SliceId(PublishBench.BUILD, platform), pushed, Attachments.NONE);
    }

    /** Of a slice that must be as it should. */
    VerifiedSlice verified(BuildRequest request, Platform platform, Digest pushed) throws InterruptedException {
        Verdict verdict = verify(request, platform, pushed);
        if (verdict instanceof Verdict.Verified(VerifiedSlice image)) {
            return image;
        }
        throw new AssertionError(verdict);
    }

    IndexPublisher.Publication publish(BuildRequest request, VerifiedSlice... slices) throws InterruptedException {
        BuildSnapshot build = PublishBench.snapshot(request, List.of(slices));
        return new ComparingPublisher(new RegistryIndexPublisher(access, _ -> {}, () -> true), access, read, check)
                .publish(build, request.tags(), Attachments.NONE, new Open());
    }

    private final class Open implements IndexPublisher.TagGate {
        @Override
        public boolean open(Digest index) {
            return true;
        }

        @Override
        public void moved(ImageReference tag, Digest index) {
            // Whoever wants to know asks the registry.
        }

        @Override
        public void notice(String text) {
            notices.add(text);
        }
    }

    @Override
    public void close() {
        registries.close();
        proxy.close();
        registry.close();
    }
}
