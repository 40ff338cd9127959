package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Command lines: each submits a build until it knows its id, follows it, and brings again what was lost. */
final class SimClients {
    static final List<Platform> PLATFORMS = List.of(Platform.of("linux", "amd64"), Platform.of("linux", "arm64"));
    private static final int BUILDS = 10;
    private static final long ANSWER_LIMIT = 5_000;

    private static final class Client {
        final BuildRequest request;
        /** It brings credentials. */
        final boolean brings;

        @Nullable BuildId id;

        /** Of submitting: what an earlier one would do next is not done. */
        int tries;

        Optional<SimCoordinator> last = Optional.empty();

        Client(BuildRequest request, boolean brings) {
            this.request = request;
            this.brings = brings;
        }
    }

    private final World world;
    private final SimCoordinators coordinators;
    private final Invariants invariants;
    private final List<Client> clients = new ArrayList<>();

    SimClients(World world, SimCoordinators coordinators, Invariants invariants) {
        this.world = world;
        this.coordinators = coordinators;
        this.invariants = invariants;
        for (int i = 0; i < BUILDS; i++) {
            Client client = new Client(request("key-" + i), world.random.nextBoolean());
            clients.add(client);
            world.at(2_000 + world.random.nextInt(60_000), () -> submit(client));
        }
    }

    boolean areDone() {
        return clients.stream().allMatch(client -> client.id != null && invariants.hasEnded(client.id));
    }

    private BuildRequest request(String key) {
        List<Platform> platforms = world.oneIn(3) ? PLATFORMS.subList(0, 1) : PLATFORMS;
        List<ImageReference> tags = Stream.of("stable", "nightly", key)
                .filter(_ -> world.random.nextBoolean())
                .map(tag -> ImageReference.parse("registry.example/app:" + tag))
                .toList();
        return new BuildRequest(
                key,
                platforms,
                tags.isEmpty() ? List.of(ImageReference.parse("registry.example/app:stable")) : tags,
                !world.oneIn(8),
                new BuildRequest.Source.Url("https://git.example/app"),
                BuildRequest.Options.defaults(),
                world.random.nextBoolean() ? Optional.empty() : Optional.of(Duration.ofSeconds(30)),
                Optional.empty());
    }

    private void submit(Client client) {
        int tried = ++client.tries;
        Runnable again = () -> {
            if (client.tries == tried && client.id == null) {
                submit(client);
            }
        };
        world.network(() -> coordinators.leader().ifPresent(leader -> {
            Runnable refused = () -> world.at(1_000 + world.random.nextInt(4_000), again);
            leader.submit(client.request, client.brings, id -> told(client, leader, id), refused);
        }));
        world.at(ANSWER_LIMIT, again);
    }

    /** The answer is on its way. */
    private void told(Client client, SimCoordinator leader, BuildId id) {
        invariants.accepted(client.request.idempotencyKey(), id, client.brings);
        world.network(() -> {
            if (client.id != null) {
                return;
            }
            client.id = id;
            client.last = Optional.of(leader);
            if (world.oneIn(4)) {
                world.at(world.random.nextInt(5_000), () -> submit(client));
            }
            if (world.oneIn(4)) {
                world.at(world.random.nextInt(20_000), () -> cancel(id));
            }
            if (world.oneIn(6)) {
                world.note(Fault.CLIENT_GONE);
            } else {
                follow(client, id);
            }
        });
    }

    private void cancel(BuildId id) {
        world.network(() -> coordinators.leader().ifPresent(leader -> leader.cancel(id)));
    }

    /** Looks now and then; where another process answers, what was brought must be brought again. */
    private void follow(Client client, BuildId id) {
        world.at(2_000 + world.random.nextInt(4_000), () -> {
            if (invariants.hasEnded(id)) {
                return;
            }
            Optional<SimCoordinator> leader = coordinators.leader();
            if (leader.isPresent() && !leader.equals(client.last)) {
                client.last = leader;
                if (world.oneIn(4)) {
                    cancel(id);
                }
                submit(client);
            }
            follow(client, id);
        });
    }
}
