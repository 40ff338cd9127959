package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.agents.AgentDescription;
import dev.sheaf.coordinator.agents.Assignment;
import dev.sheaf.coordinator.agents.SyncAnswer;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.Outcome;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.queue.api.Effect;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.queue.api.RefusedException;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.MediaType;
import dev.sheaf.image.Platform;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** One random history of a farm, from a seed: chaos for a while, then quiet. Drives the real queue in virtual time. */
final class Simulation {
    static final List<Platform> PLATFORMS = List.of(Platform.of("linux", "amd64"), Platform.of("linux", "arm64"));
    private static final long CHAOS_ENDS = 100_000;
    private static final long ALL_ENDS = 400_000;
    private static final int BUILDS = 10;

    private record Event(long at, long number, Runnable action) {}

    private record OpenCall(SimAgent agent, SyncCall heard, SyncCall sent, long until) {}

    private final Random random;
    private final Mutant mutant;
    private final Limits limits;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
    private final List<SimAgent> agents = new ArrayList<>();
    private final List<OpenCall> openCalls = new ArrayList<>();
    private final Map<Digest, Platform> registry = new HashMap<>();
    private final BuildQueue queue;
    private final Invariants invariants;
    private long now;
    private long drawn;

    Simulation(long seed, Mutant mutant) {
        this.random = new Random(seed);
        this.mutant = mutant;
        Limits.Times times = Limits.defaults().times();
        long lease = mutant == Mutant.SHORT_LEASE ? 5 : mutant == Mutant.NO_EXPIRY ? 36_000 : 20;
        Limits.Times used = new Limits.Times(
                Duration.ofSeconds(lease),
                times.nameHold(),
                times.sameAgentBackOff(),
                times.agentGrace(),
                times.agentMemory(),
                times.attachmentsWait(),
                times.tagCheck(),
                times.tagWatch(),
                times.retryLimit(),
                times.publishTrouble());
        this.limits = new Limits(used, mutant == Mutant.ENDLESS_ATTEMPTS ? 50 : 3, 100, 300, 100, 10);
        this.queue = new BuildQueue(limits, fences(), placement());
        this.invariants = new Invariants(queue, registry, agents);
    }

    private LongSupplier fences() {
        AtomicLong last = new AtomicLong();
        return () -> mutant == Mutant.FENCE_REUSE && last.get() > 3 ? 2 : last.incrementAndGet();
    }

    private Placement placement() {
        if (mutant != Mutant.SAME_AGENT_RETRY) {
            return new Placement.FreshFirst(limits.times().sameAgentBackOff());
        }
        return (_, offering, _) -> offering.stream()
                .filter(agent -> agent.isListening() && agent.freeSlots() > 0)
                .findFirst();
    }

    void run() {
        for (int i = 0; i < 2 + random.nextInt(3); i++) {
            AgentDescription.Offer offer = new AgentDescription.Offer(PLATFORMS.get(i % 2), false, "simulated");
            SimAgent agent = new SimAgent(new AgentDescription(
                    new AgentId("agent-" + i),
                    List.of(offer),
                    1 + random.nextInt(2),
                    AgentDescription.Particulars.UNKNOWN));
            agents.add(agent);
            at(random.nextInt(1_000), () -> send(agent, 0));
            at(random.nextInt(20_000), () -> fault(agent));
        }
        for (int i = 0; i < BUILDS; i++) {
            String key = "key-" + i;
            at(2_000 + random.nextInt(60_000), () -> submit(request(key)));
        }
        while (!events.isEmpty() && now < ALL_ENDS) {
            step();
        }
        invariants.allEnded();
    }

    private void step() {
        Event event = events.remove();
        Optional<Long> expiry = queue.nextExpiry().map(Instant::toEpochMilli);
        if (expiry.isPresent() && expiry.get() < event.at()) {
            events.add(event);
            now = Math.max(now, expiry.get() + 1);
            queue.advance(instant());
        } else {
            now = Math.max(now, event.at());
            event.action().run();
        }
        carryOut();
        answerCalls();
        invariants.check(instant(), now);
    }

    private void submit(BuildRequest request) {
        BuildRequest sent = mutant == Mutant.NO_IDEMPOTENCY
                ? new BuildRequest(
                        request.idempotencyKey() + drawn,
                        request.platforms(),
                        request.tags(),
                        request.push(),
                        request.source(),
                        request.options(),
                        request.waitForAgents())
                : request;
        try {
            BuildId id = queue.submit(instant(), new BuildId("b" + drawn++), sent, false);
            invariants.accepted(request.idempotencyKey(), id);
            if (random.nextInt(4) == 0) {
                at(random.nextInt(5_000), () -> submit(request));
            }
            if (random.nextInt(4) == 0) {
                at(random.nextInt(20_000), () -> cancel(id));
            }
        } catch (RefusedException e) {
            at(5_000, () -> submit(request));
        }
    }

    private void cancel(BuildId id) {
        Optional<BuildState> state =
                mutant == Mutant.CANCEL_IGNORED ? Optional.of(BuildState.CANCELLED) : queue.cancel(instant(), id);
        if (state.equals(Optional.of(BuildState.CANCELLED))) {
            invariants.cancelled(id);
        }
    }

    private BuildRequest request(String key) {
        List<Platform> platforms = random.nextInt(3) == 0 ? PLATFORMS.subList(0, 1) : PLATFORMS;
        return new BuildRequest(
                key,
                platforms,
                List.of(ImageReference.parse("registry.example/app:" + key)),
                random.nextInt(8) > 0,
                new BuildRequest.Source.Url("https://git.example/app"),
                BuildRequest.Options.defaults(),
                random.nextBoolean() ? Optional.empty() : Optional.of(Duration.ofSeconds(30)));
    }

    /** Every so often, something happens to an agent: a crash, a long absence, a pause. */
    private void fault(SimAgent agent) {
        if (now > CHAOS_ENDS) {
            return;
        }
        switch (random.nextInt(3)) {
            case 0 -> restart(agent, 500 + random.nextInt(3_000));
            case 1 -> restart(agent, agents.indexOf(agent) < PLATFORMS.size() ? 30_000 : ALL_ENDS);
            default -> agent.asleepUntil = now + 3_000 + random.nextInt(40_000);
        }
        at(10_000 + random.nextInt(40_000), () -> fault(agent));
    }

    private void restart(SimAgent agent, long away) {
        agent.crash(now);
        agent.isDown = true;
        if (random.nextBoolean()) {
            openCalls.stream().filter(open -> open.agent() == agent).forEach(open -> queue.hungUp(open.heard()));
            openCalls.removeIf(open -> open.agent() == agent);
        }
        int process = agent.process; // a crash during the absence makes it longer
        at(away, () -> {
            if (agent.process == process) {
                agent.isDown = false;
                send(agent, process);
            }
        });
    }

    private void send(SimAgent agent, int process) {
        if (agent.isDown || agent.process != process) {
            return;
        }
        if (now < agent.asleepUntil) {
            at(agent.asleepUntil - now, () -> send(agent, process));
            return;
        }
        SyncCall call = agent.call(now);
        network(() -> receive(agent, call));
        at(6_000, () -> {
            if (agent.sequence == call.sequence()) {
                send(agent, process);
            }
        });
    }

    /** Delays, sometimes for long; drops; duplicates. */
    private void network(Runnable delivery) {
        boolean chaos = now < CHAOS_ENDS;
        if (chaos && random.nextInt(20) == 0) {
            return;
        }
        at(delay(chaos), delivery);
        if (chaos && random.nextInt(20) == 0) {
            at(delay(true), delivery);
        }
    }

    private long delay(boolean chaos) {
        return chaos && random.nextInt(12) == 0 ? random.nextInt(30_000) : 1 + random.nextInt(100);
    }

    private void receive(SimAgent agent, SyncCall sent) {
        SyncCall heard = mutant.call(sent, ++drawn);
        List<SyncCall.Held> userFailures = invariants.liveFailures(instant(), sent, Failure.Kind.USER);
        List<SyncCall.Held> registryFailures = invariants.liveFailures(instant(), sent, Failure.Kind.REGISTRY);
        try {
            if (queue.synchronize(instant(), heard)) {
                long wait = sent.held().isEmpty() ? 4_000 : 0;
                openCalls.add(new OpenCall(agent, heard, sent, now + wait));
                at(wait, () -> {}); // the moment at which it is answered even without news
            }
            invariants.userFailuresEndBuilds(userFailures);
            invariants.registryFailuresWait(instant(), registryFailures);
        } catch (RefusedException e) {
            int process = agent.process;
            at(1_000, () -> send(agent, process));
        }
    }

    private void answerCalls() {
        for (OpenCall open : List.copyOf(openCalls)) {
            var answer = queue.answer(instant(), open.heard());
            carryOut();
            if (answer.isEmpty()) {
                openCalls.remove(open);
            } else if (answer.get().hasNews() || now >= open.until()) {
                openCalls.remove(open);
                queue.answered(open.heard());
                SyncAnswer told = mutant.answer(answer.get());
                network(() -> deliver(open, told));
            }
        }
    }

    private void deliver(OpenCall open, SyncAnswer answer) {
        SimAgent agent = open.agent();
        int process = agent.process;
        if (agent.isDown) {
            return;
        }
        if (now < agent.asleepUntil) {
            at(agent.asleepUntil - now, () -> deliver(open, answer));
            return;
        }
        boolean isCurrent = agent.sequence == open.sent().sequence() && agent.isMine(open.sent());
        for (Assignment assignment : agent.hear(now, open.sent(), answer)) {
            at(1_000 + random.nextInt(25_000), () -> finish(agent, process, assignment.lease()));
        }
        if (isCurrent) {
            at(agent.work.isEmpty() ? 10 : 500 + random.nextInt(2_500), () -> {
                if (agent.sequence == open.sent().sequence()) {
                    send(agent, process);
                }
            });
        }
    }

    private void finish(SimAgent agent, int process, LeaseId lease) {
        if (now < agent.asleepUntil) {
            at(agent.asleepUntil - now, () -> finish(agent, process, lease));
            return;
        }
        SimAgent.Work work = agent.work.get(lease.fence());
        agent.selfFence(now);
        if (agent.process == process && work != null && work.outcome.isEmpty()) {
            work.outcome = Optional.of(outcome(lease.slice().platform()));
        }
    }

    private Outcome outcome(Platform platform) {
        int dice = random.nextInt(100);
        if (dice < 12) {
            return new Outcome.Failed(Failure.of(Failure.Kind.INFRASTRUCTURE, "the engine went away"));
        }
        if (dice < 18) {
            return new Outcome.Failed(Failure.of(Failure.Kind.USER, "RUN make: exit code 2"));
        }
        if (dice < 24) {
            return new Outcome.Failed(Failure.of(Failure.Kind.REGISTRY, "connection refused"));
        }
        Digest digest = Digest.of(("push " + drawn++).getBytes(StandardCharsets.UTF_8));
        registry.put(digest, dice < 27 ? Platform.of("linux", "s390x") : platform);
        return new Outcome.Pushed(digest);
    }

    private void carryOut() {
        for (Effect effect : queue.takeEffects()) {
            invariants.see(instant(), effect);
            switch (effect) {
                case Effect.Verify verify -> at(100 + random.nextInt(3_000), () -> verify(verify));
                case Effect.Publish publish -> at(100 + random.nextInt(3_000), () -> publish(publish.build()));
                case Effect.SliceChanged changed
                when mutant == Mutant.NO_COMPLETENESS -> {
                    if (changed.slice().state() instanceof SliceState.Built) {
                        queue.build(changed.slice().id().build()).ifPresent(this::publish);
                    }
                }
                case Effect.SliceChanged _,
                        Effect.Keep _,
                        Effect.BuildChanged _,
                        Effect.Notice _,
                        Effect.Release _,
                        Effect.ReleaseSecrets _,
                        Effect.CheckTag _,
                        Effect.Forget _ -> {}
            }
        }
    }

    private void verify(Effect.Verify verify) {
        Platform platform = verify.lease().slice().platform();
        if (random.nextInt(8) == 0) {
            queue.verifyFailed(instant(), verify.lease(), Failure.of(Failure.Kind.REGISTRY, "503"));
        } else if (platform.equals(registry.get(verify.digest())) || mutant == Mutant.NO_VERIFICATION) {
            Descriptor manifest =
                    Descriptor.of(MediaType.OCI_MANIFEST, verify.digest(), 500).withPlatform(platform);
            queue.verified(instant(), verify.lease(), new VerifiedSlice(manifest, verify.digest(), List.of(manifest)));
        } else {
            queue.verifyFailed(instant(), verify.lease(), Failure.of(Failure.Kind.VERIFICATION, "wrong platform"));
        }
    }

    private void publish(BuildSnapshot build) {
        if (random.nextInt(8) == 0) {
            queue.publishFailed(instant(), build.id(), Failure.of(Failure.Kind.REGISTRY, "503"));
            return;
        }
        boolean open = queue.openTagGate(build.id());
        if (open || mutant == Mutant.CANCEL_RACE || mutant == Mutant.NO_COMPLETENESS) {
            invariants.tagsMove(build);
            Descriptor index =
                    Descriptor.of(MediaType.OCI_INDEX, build.id().value().getBytes(StandardCharsets.UTF_8));
            at(random.nextInt(2_000), () -> queue.published(instant(), build.id(), index));
        }
    }

    private void at(long delay, Runnable action) {
        events.add(new Event(now + delay, drawn++, action));
    }

    private Instant instant() {
        return Instant.ofEpochMilli(now);
    }
}
