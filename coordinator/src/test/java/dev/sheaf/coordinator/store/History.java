package dev.sheaf.coordinator.store;

import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.build.host.Host;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.MediaType;
import dev.sheaf.image.Platform;
import dev.sheaf.image.arch.Policy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Decisions of a farm that never was, from a seed: every kind, every shape, in an order that could be. */
public final class History {
    private static final List<Platform> PLATFORMS = List.of(
            Platform.of("linux", "amd64"),
            Platform.of("linux", "arm", "v6"),
            Platform.of("linux", "arm64"),
            Platform.of("windows", "amd64"));

    /** Nothing that a database takes as it is. */
    private static final List<String> WORDS = List.of(
            "",
            "'; DROP TABLE builds; --",
            "zwölf \u4e2d\u6587 \ud83d\ude00",
            "nul \u0000 in it",
            "half \ud83d",
            "a\nb\t\"c\"\\",
            "?");

    private static final List<Failure.Kind> KINDS = List.of(Failure.Kind.values());

    private final Random random;
    private final String prefix;
    private final List<BuildRequest> requests = new ArrayList<>();
    private final List<BuildId> builds = new ArrayList<>();
    private long clock = Instant.parse("2026-11-21T10:00:00Z").getEpochSecond();
    private long order;
    private long fence;

    /** The same seed gives the same history. */
    public History(long seed) {
        this(seed, "build-", Stored.NOTHING);
    }

    /** One that goes on after what is stored, with other builds. */
    public History(long seed, String prefix, Stored before) {
        this.random = new Random(seed);
        this.prefix = prefix;
        this.order = before.highestOrder();
        this.fence = before.highestFence();
    }

    /** The next decisions, at most this many. */
    public List<Decision> next(int most) {
        List<Decision> decisions = new ArrayList<>();
        int count = 1 + random.nextInt(most);
        while (decisions.size() < count) {
            decisions.add(next());
        }
        return decisions;
    }

    private Decision next() {
        if (builds.isEmpty() || random.nextInt(5) == 0) {
            BuildId build = new BuildId(prefix + ++order);
            builds.add(build);
            requests.add(request());
            return new Decision.Accepted(build, order, requests.getLast(), random.nextBoolean(), now());
        }
        int chosen = random.nextInt(builds.size());
        BuildId build = builds.get(chosen);
        BuildRequest request = requests.get(chosen);
        SliceId slice = new SliceId(
                build,
                request.platforms().get(random.nextInt(request.platforms().size())));
        return switch (random.nextInt(13)) {
            case 0, 1, 2, 3 -> new Decision.Leased(new LeaseId(slice, ++fence), holder(), 1 + random.nextInt(9), now());
            case 4, 5, 6, 7 -> new Decision.SliceMoved(slice, state(), maybe(holder()), now());
            case 8 -> new Decision.TagsMove(build, digest());
            case 9 -> new Decision.TagMoved(build, tag(), digest(), now());
            case 10 -> new Decision.Rebuilt(build);
            case 11 -> new Decision.Ended(build, ended(), result());
            default -> {
                builds.remove(chosen);
                requests.remove(chosen);
                yield new Decision.Forgotten(build);
            }
        };
    }

    private BuildRequest request() {
        List<Platform> platforms = new ArrayList<>(PLATFORMS);
        Collections.shuffle(platforms, random);
        boolean push = random.nextBoolean();
        return new BuildRequest(
                "key " + word(),
                platforms.subList(0, 1 + random.nextInt(PLATFORMS.size())),
                push ? List.of(tag(), tag()) : List.of(),
                push,
                random.nextBoolean() ? new BuildRequest.Source.Tree(digest()) : new BuildRequest.Source.Url(word()),
                new BuildRequest.Options(
                        word(),
                        word(),
                        Map.of("ARG", word(), "OTHER", word()),
                        Map.of(name(), word()),
                        new BuildRequest.Switches(random.nextBoolean(), random.nextBoolean()),
                        word(),
                        word(),
                        maybe(policy()),
                        push
                                ? maybe(new BuildRequest.Smoke(List.of("app", argument()), Duration.ofSeconds(9)))
                                : Optional.empty(),
                        List.of(new BuildRequest.BasePin(word() + ":1", digest(), PLATFORMS))),
                maybe(Duration.ofMillis(random.nextInt(1_000_000))),
                random.nextBoolean() ? Optional.empty() : Optional.of(new BuildRequest.Submitter(name(), name())));
    }

    private SliceState state() {
        return switch (random.nextInt(5)) {
            case 0 -> new SliceState.Queued();
            case 1 -> new SliceState.Verifying(agent(), Math.max(1, fence), digest());
            case 2 ->
                new SliceState.Built(maybe(new VerifiedSlice(
                        descriptor(),
                        digest(),
                        List.of(descriptor(), attestation()),
                        maybe(report()),
                        maybe(materials()))));
            case 3 -> new SliceState.Failed(failure());
            default -> new SliceState.Cancelled();
        };
    }

    private BuildState ended() {
        return List.of(BuildState.SUCCEEDED, BuildState.FAILED, BuildState.CANCELLED)
                .get(random.nextInt(3));
    }

    private BuildSnapshot.Result result() {
        return new BuildSnapshot.Result(maybe(now()), maybe(descriptor()), maybe(failure()));
    }

    private Failure failure() {
        return new Failure(
                KINDS.get(random.nextInt(KINDS.size())),
                word(),
                maybe(new Failure.Source(word(), random.nextInt(100), List.of(word(), word()), 1, 2)),
                random.nextInt(256),
                maybe(PLATFORMS.getFirst()),
                List.of(word(), word()));
    }

    private Policy policy() {
        return new Policy(
                mode(), List.of(new Policy.Exemption("/opt/**", maybe(PLATFORMS.getFirst()), "because " + word())));
    }

    private VerifiedSlice.ContentReport report() {
        return new VerifiedSlice.ContentReport(
                mode(), List.of(word()), random.nextLong(1L << 40), random.nextInt(9), 2, Duration.ofMillis(17));
    }

    private VerifiedSlice.Materials materials() {
        return random.nextBoolean()
                ? VerifiedSlice.Materials.unknown(word())
                : new VerifiedSlice.Materials(
                        List.of(new VerifiedSlice.Material(VerifiedSlice.Material.Kind.GIT, word(), name())), "");
    }

    private Policy.Mode mode() {
        return List.of(Policy.Mode.values()).get(random.nextInt(Policy.Mode.values().length));
    }

    private Descriptor descriptor() {
        return new Descriptor(
                MediaType.OCI_MANIFEST,
                digest(),
                random.nextLong(Long.MAX_VALUE),
                maybe(PLATFORMS.get(random.nextInt(PLATFORMS.size()))),
                maybe(word()),
                Map.of());
    }

    private Descriptor attestation() {
        return Descriptor.of(MediaType.OCI_MANIFEST, digest(), 7)
                .withPlatform(Platform.UNKNOWN)
                .withAnnotations(Map.of(Descriptor.REFERENCE_TYPE, Descriptor.ATTESTATION, name(), word()));
    }

    private ImageReference tag() {
        // The second is not what docker's rules would read back from its text.
        return random.nextBoolean()
                ? ImageReference.parse("registry.example:5000/team/app:" + random.nextInt(5))
                : new ImageReference("docker.io", "app", Optional.of("v" + random.nextInt(5)), Optional.empty());
    }

    private Digest digest() {
        return Digest.of(new byte[] {(byte) random.nextInt(), (byte) random.nextInt()});
    }

    private AgentId agent() {
        return new AgentId("agent-" + random.nextInt(9) + " \u00fc'");
    }

    private Stored.Holder holder() {
        Host.Engine engine = new Host.Engine(word(), word(), word(), word());
        return new Stored.Holder(
                agent(),
                word(),
                random.nextLong(Long.MAX_VALUE),
                random.nextBoolean(),
                new Host(word(), word(), word(), engine));
    }

    private String word() {
        return WORDS.get(random.nextInt(WORDS.size()));
    }

    /** Names come from the wire, which has no half characters. */
    private String name() {
        return "name " + WORDS.get(random.nextInt(4));
    }

    /** Programs are given no NUL. */
    private String argument() {
        return name().replace("\0", "");
    }

    private <T> Optional<T> maybe(T value) {
        return random.nextBoolean() ? Optional.of(value) : Optional.empty();
    }

    private Instant now() {
        clock += random.nextInt(3);
        return Instant.ofEpochSecond(clock, random.nextInt(1_000_000_000));
    }
}
