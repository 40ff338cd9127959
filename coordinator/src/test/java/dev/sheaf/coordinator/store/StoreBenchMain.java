package dev.sheaf.coordinator.store;

import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.build.host.Host;
import dev.sheaf.coordinator.leader.Candidate;
import dev.sheaf.coordinator.leader.Claim;
import dev.sheaf.coordinator.store.postgres.PostgresDatabase;
import dev.sheaf.coordinator.store.postgres.PostgresSettings;
import dev.sheaf.coordinator.store.sqlite.SqliteStore;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.MediaType;
import dev.sheaf.image.Platform;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Measures appends and loading; see bench/store. Arguments: a directory for SQLite, the address of a PostgreSQL. */
public final class StoreBenchMain {
    private static final Duration WARM_UP = Duration.ofSeconds(2);
    private static final Duration MEASURED = Duration.ofSeconds(6);
    private static final int IN_FLIGHT = 100; // builds
    private static final int REMEMBERED = 2_000; // builds
    private static final int LOADED = 50_000; // builds of two slices
    private static final List<Platform> PLATFORMS =
            List.of(Platform.of("linux", "amd64"), Platform.of("linux", "arm64"));
    private static final Digest DIGEST = Digest.of(new byte[] {1});
    private static final Stored.Holder HOLDER = new Stored.Holder(
            new AgentId("agent-1"),
            "incarnation",
            1,
            false,
            new Host(
                    "x86_64",
                    "Linux 6.12.9",
                    "AMD EPYC 9754",
                    new Host.Engine(
                            "Docker Engine 29.9.0 (containerd store), BuildKit v0.31.2", "29.9.0", "v0.31.2", "")));

    private final Deque<Deque<Decision>> inFlight = new ArrayDeque<>();
    private final Deque<BuildId> remembered = new ArrayDeque<>();
    private long order;
    private long fence;

    private StoreBenchMain() {}

    /** Prints two tables in Markdown. */
    public static void main(String[] arguments) {
        System.out.printf(
                "| Store | Decisions an append | Decisions/s | Append p50 | Append p99 |%n|---|--:|--:|--:|--:|%n");
        try (Store store = SqliteStore.open(Path.of(arguments[0], "appends"))) {
            new StoreBenchMain().appends("SQLite", store);
        }
        PostgresSettings settings = new PostgresSettings(arguments[1], Optional.of("sheaf"), Optional.of("sheaf"));
        try (PostgresDatabase database = PostgresDatabase.open(settings)) {
            Candidate candidate = new Candidate("bench", "");
            long epoch = ((Claim.Taken) database.leaderRow().claim(candidate, Duration.ofHours(1))).epoch();
            try (Store store = database.store(epoch)) {
                StoreBenchMain bench = new StoreBenchMain();
                bench.appends("PostgreSQL", store);
                System.out.printf("%n| Store | Loading %,d slices |%n|---|--:|%n", 2 * LOADED);
                try (Store sqlite = SqliteStore.open(Path.of(arguments[0], "loads"))) {
                    new StoreBenchMain().load("SQLite", sqlite);
                }
                bench.load("PostgreSQL", store);
            }
        }
    }

    private void appends(String name, Store store) {
        for (int size : new int[] {1, 16, 64, 256}) {
            append(store, size, WARM_UP);
            long start = System.nanoTime();
            long[] nanos = append(store, size, MEASURED);
            double seconds = (System.nanoTime() - start) / 1e9;
            Arrays.sort(nanos);
            System.out.printf(
                    "| %s | %d | %,.0f | %.2f ms | %.2f ms |%n",
                    name,
                    size,
                    nanos.length * size / seconds,
                    nanos[nanos.length / 2] / 1e6,
                    nanos[nanos.length * 99 / 100] / 1e6);
        }
    }

    private long[] append(Store store, int size, Duration time) {
        List<Long> nanos = new ArrayList<>();
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            List<Decision> decisions = new ArrayList<>(size);
            while (decisions.size() < size) {
                decisions.add(next());
            }
            long start = System.nanoTime();
            store.append(decisions);
            nanos.add(System.nanoTime() - start);
        }
        return nanos.stream().mapToLong(Long::longValue).toArray();
    }

    private void load(String name, Store store) {
        List<Decision> decisions = new ArrayList<>();
        for (int i = 0; i < LOADED; i++) {
            life().stream().limit(3).forEach(decisions::add);
            if (decisions.size() > 1_000) {
                store.append(decisions);
                decisions.clear();
            }
        }
        store.append(decisions);
        for (int i = 0; i < 3; i++) {
            long start = System.nanoTime();
            int builds = store.load().builds().size();
            System.out.printf("| %s (%,d builds) | %.2f s |%n", name, builds, (System.nanoTime() - start) / 1e9);
        }
    }

    /** Of builds that are in flight at the same time, in turn. */
    private Decision next() {
        while (inFlight.size() < IN_FLIGHT) {
            inFlight.add(life());
        }
        Deque<Decision> life = inFlight.remove();
        Decision next = life.remove();
        if (!life.isEmpty()) {
            inFlight.add(life);
        }
        return next;
    }

    /** The decisions about one build, and the end of the memory of an old one. */
    private Deque<Decision> life() {
        BuildId build = new BuildId("bench-" + ++order);
        Instant now = Instant.ofEpochSecond(1_800_000_000 + order);
        ImageReference tag = ImageReference.parse("registry.example/team/app-" + order % 500 + ":1");
        BuildRequest.Options options = new BuildRequest.Options(
                "Dockerfile",
                "",
                Map.of("VERSION", "1.2.3"),
                Map.of(),
                new BuildRequest.Switches(false, false),
                "",
                "app",
                Optional.empty(),
                Optional.empty(),
                List.of());
        BuildRequest request = request(tag, options);
        Descriptor manifest = Descriptor.of(MediaType.OCI_MANIFEST, DIGEST, 700);
        Deque<Decision> life = new ArrayDeque<>();
        life.add(new Decision.Accepted(build, order, request, true, now));
        for (Platform platform : PLATFORMS) {
            LeaseId lease = new LeaseId(new SliceId(build, platform), ++fence);
            life.add(new Decision.Leased(lease, HOLDER, 1, now));
        }
        for (Platform platform : PLATFORMS) {
            SliceId slice = new SliceId(build, platform);
            life.add(new Decision.SliceMoved(
                    slice, new SliceState.Verifying(HOLDER.agent(), fence, DIGEST), Optional.empty(), now));
            life.add(new Decision.SliceMoved(
                    slice,
                    new SliceState.Built(
                            Optional.of(new VerifiedSlice(manifest, DIGEST, List.of(manifest.withPlatform(platform))))),
                    Optional.empty(),
                    now));
        }
        life.add(new Decision.TagsMove(build, DIGEST));
        life.add(new Decision.TagMoved(build, tag, DIGEST, now));
        life.add(new Decision.Ended(
                build,
                BuildState.SUCCEEDED,
                new BuildSnapshot.Result(Optional.of(now), Optional.of(manifest), Optional.empty())));
        remembered.add(build);
        if (remembered.size() > REMEMBERED) {
            life.add(new Decision.Forgotten(remembered.remove()));
        }
        return life;
    }

    private BuildRequest request(ImageReference tag, BuildRequest.Options options) {
        return new BuildRequest(
                "key-" + order,
                PLATFORMS,
                List.of(tag),
                true,
                new BuildRequest.Source.Tree(DIGEST),
                options,
                Optional.empty(),
                Optional.empty());
    }
}
