package dev.sheaf.coordinator.publish;

import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.build.SliceSnapshot;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.build.host.Host;
import dev.sheaf.coordinator.dispatch.Attachments;
import dev.sheaf.coordinator.dispatch.BuildEvents;
import dev.sheaf.coordinator.dispatch.IndexPublisher;
import dev.sheaf.coordinator.dispatch.IndexPublisher.Publication;
import dev.sheaf.coordinator.dispatch.SliceVerifier.Verdict;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.Registries;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RetryPolicy;
import dev.sheaf.testregistry.TestImages;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/** A build that is verified and published as the coordinator would, with pauses that are noted instead of waited. */
public final class PublishBench implements AutoCloseable {
    static final Platform AMD64 = Platform.parse("linux/amd64");
    static final Platform I386 = Platform.parse("linux/386");
    public static final BuildId BUILD = new BuildId("build-1");
    static final Duration LIMIT = Duration.ofSeconds(20);

    final List<Duration> pauses = new CopyOnWriteArrayList<>();
    /** Tags that were read back. */
    final List<String> moved = new CopyOnWriteArrayList<>();
    /** Whether this coordinator leads. */
    final AtomicBoolean leads = new AtomicBoolean(true);

    final Registries registries = new Registries(
            new RetryPolicy(4, Duration.ofMillis(100), Duration.ofMillis(300), () -> 0, pauses::add),
            InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z")),
            Set.of());
    final RegistryAccess access = (_, registry, credentials) -> registries.open(registry, credentials);
    private final String registry;

    PublishBench(String registry) {
        this.registry = registry;
    }

    /** The user whom the registries of these tests know, with this password. */
    static Attachments ann(String registry, String password) {
        return new Attachments(List.of(new Attachments.Login(registry, "ann", password, "")), List.of());
    }

    Registry open() {
        return registries.open(registry, Credentials.ANONYMOUS);
    }

    TestImages images(String repository) {
        return new TestImages(open(), repository);
    }

    BuildRequest request(List<Platform> platforms, String... tags) {
        List<ImageReference> references = new ArrayList<>();
        for (String tag : tags) {
            references.add(ImageReference.parse(registry + "/" + tag));
        }
        return new BuildRequest(
                "key",
                platforms,
                references,
                true,
                new BuildRequest.Source.Url("https://git.example/app"),
                BuildRequest.Options.defaults(),
                Optional.empty(),
                Optional.empty());
    }

    Verdict verify(BuildRequest request, Platform platform, Digest pushed, Attachments attachments)
            throws InterruptedException {
        return new RegistrySliceVerifier(access, new ReadImages(), pauses::add, LIMIT)
                .verify(request, new SliceId(BUILD, platform), pushed, attachments);
    }

    /** A build whose slices pushed these, each verified. */
    BuildSnapshot verified(BuildRequest request, Map<Platform, Descriptor> pushed) throws InterruptedException {
        List<VerifiedSlice> images = new ArrayList<>();
        for (Platform platform : request.platforms()) {
            Digest digest = Objects.requireNonNull(pushed.get(platform)).digest();
            Verdict verdict = verify(request, platform, digest, Attachments.NONE);
            if (!(verdict instanceof Verdict.Verified(VerifiedSlice image))) {
                throw new AssertionError(verdict);
            }
            images.add(image);
        }
        return snapshot(request, images);
    }

    /** A build whose slices hold these images, in the order of its platforms. */
    public static BuildSnapshot snapshot(BuildRequest request, List<VerifiedSlice> images) {
        List<SliceSnapshot> slices = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            slices.add(new SliceSnapshot(
                    new SliceId(BUILD, request.platforms().get(i)),
                    new SliceState.Built(Optional.of(images.get(i))),
                    1,
                    Optional.of(new AgentId("a")),
                    false,
                    Host.UNKNOWN,
                    new SliceSnapshot.Times(Optional.empty(), Optional.empty()),
                    ""));
        }
        return new BuildSnapshot(
                BUILD, BuildState.STITCHING, request, slices, Instant.EPOCH, BuildSnapshot.Result.OPEN);
    }

    /** A build without slices, in this state. */
    static BuildSnapshot snapshot(BuildState state) {
        try (PublishBench bench = new PublishBench("registry.example")) {
            BuildSnapshot build = snapshot(bench.request(List.of(AMD64), "app:1"), List.of());
            return new BuildSnapshot(
                    build.id(), state, build.request(), build.slices(), build.submitted(), build.result());
        }
    }

    /** Notes the states that it hears of. */
    static final class Hearing implements BuildEvents {
        final List<BuildState> states = new ArrayList<>();

        @Override
        public void buildChanged(BuildSnapshot build) {
            states.add(build.state());
        }

        @Override
        public void sliceChanged(SliceSnapshot slice) {}

        @Override
        public void notice(BuildId build, Optional<Platform> platform, String text) {}

        @Override
        public void buildForgotten(BuildId build) {}
    }

    Publication publish(BuildSnapshot build) throws InterruptedException {
        return publish(build, Attachments.NONE);
    }

    Publication publish(BuildSnapshot build, Attachments attachments) throws InterruptedException {
        return new RegistryIndexPublisher(access, pauses::add, leads::get, LIMIT)
                .publish(build, build.request().tags(), attachments, new Gate(true));
    }

    /** Open or not; notes what has moved. */
    class Gate implements IndexPublisher.TagGate {
        private final boolean isOpen;

        Gate(boolean isOpen) {
            this.isOpen = isOpen;
        }

        @Override
        public boolean open(Digest index) {
            return isOpen;
        }

        @Override
        public void moved(ImageReference tag, Digest index) {
            moved.add(tag.toString());
        }

        @Override
        public void notice(String text) {
            throw new AssertionError(text);
        }
    }

    static Failure failure(Publication publication) {
        return switch (publication) {
            case Publication.Refused refused -> refused.failure();
            case Publication.Unavailable unavailable -> unavailable.failure();
            case Publication.Incomplete incomplete -> incomplete.failure();
            case Publication.Published _, Publication.Abandoned _ -> throw new AssertionError(publication);
        };
    }

    @Override
    public void close() {
        registries.close();
    }
}
