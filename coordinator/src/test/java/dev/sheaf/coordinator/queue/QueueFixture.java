package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.agents.AgentDescription;
import dev.sheaf.coordinator.agents.AgentDescription.Offer;
import dev.sheaf.coordinator.agents.Incarnation;
import dev.sheaf.coordinator.agents.SyncAnswer;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.agents.SyncCall.Held;
import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.Outcome;
import dev.sheaf.coordinator.build.SliceState.Stage;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.build.host.Host;
import dev.sheaf.coordinator.queue.api.Effect;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.queue.api.RefusedException;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.MediaType;
import dev.sheaf.image.Platform;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** A queue, and those who speak with it. */
abstract class QueueFixture {
    static final Platform AMD64 = Platform.of("linux", "amd64");
    static final Platform ARM64 = Platform.of("linux", "arm64");
    static final Digest DIGEST = Digest.of(new byte[] {1});
    static final BuildId BUILD = new BuildId("build-1");
    static final Outcome PUSHED = new Outcome.Pushed(DIGEST);
    static final Outcome ENGINE_GONE =
            new Outcome.Failed(Failure.of(Failure.Kind.INFRASTRUCTURE, "the engine went away"));
    static final Outcome REGISTRY_DOWN = new Outcome.Failed(Failure.of(Failure.Kind.REGISTRY, "down"));
    static final Outcome STEP_FAILED = new Outcome.Failed(Failure.of(Failure.Kind.USER, "exit code 2"));

    final AtomicLong fences = new AtomicLong();
    final BuildQueue queue = new BuildQueue(Limits.defaults(), fences::incrementAndGet);
    final Map<String, Long> sequences = new HashMap<>();
    final List<Effect> effects = new ArrayList<>();
    Instant now = Instant.parse("2026-01-01T00:00:00Z");

    void submit(BuildRequest request) throws RefusedException {
        queue.submit(now, BUILD, request, false);
    }

    static BuildRequest request(String key, Optional<Duration> wait, Platform... platforms) {
        return new BuildRequest(
                key,
                Arrays.asList(platforms),
                List.of(ImageReference.parse("registry.example/app:1")),
                true,
                new BuildRequest.Source.Url("https://git.example/app"),
                BuildRequest.Options.defaults(),
                wait,
                Optional.empty());
    }

    /** One whole call of an agent's first process. */
    SyncAnswer sync(String agent, Platform platform, Held... held) throws RefusedException {
        SyncCall call = call(agent, "p1", platform, held);
        queue.synchronize(now, call);
        SyncAnswer answer = queue.answer(now, call).orElseThrow();
        queue.answered(call);
        return answer;
    }

    /** An agent is given a lease, and says that it works on it. */
    LeaseId take(String agent, Platform platform) throws RefusedException {
        LeaseId lease = sync(agent, platform).assignments().getFirst().lease();
        sync(agent, platform, running(lease));
        return lease;
    }

    SyncCall call(String agent, String process, Platform platform, Held... held) {
        long sequence = sequences.merge(agent + process, 1L, Long::sum);
        Offer offer = new Offer(platform, false, "CPU and kernel");
        Incarnation incarnation = new Incarnation(process, 1_000 * Long.parseLong(process.substring(1)));
        return new SyncCall(incarnation, sequence, describe(agent, offer), Arrays.asList(held), false);
    }

    static AgentDescription describe(String agent, Offer offer) {
        var particulars = new AgentDescription.Particulars(host(agent), "1", "");
        return new AgentDescription(new AgentId(agent), List.of(offer), 1, particulars);
    }

    /** No two agents have the same kernel here. */
    static Host host(String agent) {
        Host.Engine engine =
                new Host.Engine("Docker Engine 29.9.0 (containerd store), BuildKit v0.31.2", "29.9.0", "v0.31.2", "");
        return new Host("x86_64", "Linux 6.12-" + agent, "CPU", engine);
    }

    static Held held(LeaseId lease, Outcome outcome) {
        return new Held(lease, Optional.of(outcome));
    }

    static Held running(LeaseId lease) {
        return new Held(lease, Optional.empty());
    }

    static VerifiedSlice image(Platform platform) {
        Descriptor manifest = Descriptor.of(MediaType.OCI_MANIFEST, DIGEST, 500).withPlatform(platform);
        return new VerifiedSlice(manifest, DIGEST, List.of(manifest));
    }

    void pass(long seconds) {
        now = now.plusSeconds(seconds);
        queue.advance(now);
    }

    List<Effect> effects() {
        effects.clear();
        effects.addAll(queue.takeEffects());
        return effects;
    }

    BuildSnapshot build() {
        return queue.build(BUILD).orElseThrow();
    }

    Stage stage(int slice) {
        return build().slices().get(slice).state().stage();
    }
}
