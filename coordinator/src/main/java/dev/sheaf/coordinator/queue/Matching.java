package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.queue.AgentTable.Agent;
import dev.sheaf.coordinator.queue.api.Forecast;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.queue.time.Expiries;
import dev.sheaf.image.Platform;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.stream.Collectors;

/** Brings slices that wait and agents that have room together, and gives up those that nobody offers to take. */
final class Matching {
    private static final BuildId IMAGINED = new BuildId("imagined");

    private final BuildTable builds;
    private final AgentTable agents;
    private final Attempts attempts;
    private final Endings endings;
    private final Expiries expiries;
    private final Limits limits;

    Matching(BuildTable builds, Attempts attempts, Endings endings, Expiries expiries, Limits limits) {
        this.builds = builds;
        this.agents = endings.agents();
        this.attempts = attempts;
        this.endings = endings;
        this.expiries = expiries;
        this.limits = limits;
    }

    /** Leases what can be leased now. Costs nothing to speak of while nobody waits or nobody has room. */
    void match(Instant now, Placement placement) {
        noteOffers(now);
        List<Platform> wanted = builds.wanted();
        List<Agent> free = wanted.isEmpty() ? List.of() : agents.free();
        for (Platform platform : wanted) {
            List<Agent> able = new ArrayList<>(free.stream()
                    .filter(agent -> agent.description().offer(platform).isPresent())
                    .toList());
            if (!able.isEmpty()) {
                lease(now, platform, able, placement);
            }
        }
    }

    /** What would become of the slices of a build that was submitted now. Changes nothing. */
    List<Forecast> forecast(Instant now, BuildRequest request, Placement placement) {
        BuildRecord build = new BuildRecord(IMAGINED, Long.MAX_VALUE, request, now, () -> Long.MAX_VALUE);
        Map<AgentId, Integer> taken = new HashMap<>();
        return build.slices.stream()
                .map(slice ->
                        forecast(slice, placement.ranked(slice, agents.offering(slice.platform(), now), now), taken))
                .toList();
    }

    private Forecast forecast(SliceRecord slice, List<Agent> ranked, Map<AgentId, Integer> taken) {
        long ahead = builds.ahead(slice);
        Optional<Agent> chosen = ranked.stream()
                .filter(agent -> ahead == 0 && agent.freeSlots() > taken.getOrDefault(agent.id, 0))
                .findFirst();
        String reason = reason(slice, ranked, chosen, ahead);
        chosen.ifPresent(agent -> taken.merge(agent.id, 1, Integer::sum));
        List<Forecast.Able> able = ranked.stream()
                .map(agent -> new Forecast.Able(
                        agent.id,
                        Math.max(0, agent.freeSlots()),
                        agent.description().slots(),
                        Placement.isEmulated(slice, agent)))
                .toList();
        return new Forecast(
                slice.platform(), chosen.map(agent -> agent.id), reason, able, ahead, builds.history(slice));
    }

    private String reason(SliceRecord slice, List<Agent> ranked, Optional<Agent> chosen, long ahead) {
        if (ranked.isEmpty()) {
            return "no agent proves " + slice.platform() + "; the farm has " + agents.offeredText();
        }
        if (chosen.isPresent()) {
            Agent agent = chosen.get();
            String how = Placement.isEmulated(slice, agent) ? "EMULATES it" : "runs it natively";
            String most = ranked.size() == 1 ? "the only agent that does" : "preferred of " + ranked.size() + " agents";
            return how + ", " + most + ", " + agent.freeSlots() + " of "
                    + agent.description().slots() + " slots free";
        }
        String names = ranked.stream().map(agent -> agent.id.name()).collect(Collectors.joining(", "));
        return ahead == 0 ? "every slot of " + names + " is taken" : "waits behind others for " + names;
    }

    private void lease(Instant now, Platform platform, List<Agent> able, Placement placement) {
        List<Agent> offering = agents.offering(platform, now);
        NavigableMap<Long, SliceRecord> line = builds.waiting(platform);
        for (var next = line.firstEntry(); next != null; next = line.higherEntry(next.getKey())) {
            SliceRecord slice = next.getValue();
            if (!slice.isPaused && !slice.build.lacksAttachments) {
                Optional<Agent> chosen = placement.choose(slice, offering, now);
                chosen.ifPresent(agent -> attempts.lease(now, slice, agent));
            }
            able.removeIf(agent -> agent.freeSlots() <= 0);
            if (able.isEmpty()) {
                return;
            }
        }
    }

    private void noteOffers(Instant now) {
        List<SliceRecord> arrived = builds.takeArrived();
        if (agents.refreshOffered(now)) {
            builds.wanted()
                    .forEach(platform -> builds.waiting(platform).values().forEach(slice -> noteOffer(now, slice)));
        } else {
            arrived.stream().filter(SliceRecord::isQueued).forEach(slice -> noteOffer(now, slice));
        }
    }

    private void noteOffer(Instant now, SliceRecord slice) {
        if (agents.offered().contains(slice.platform())) {
            slice.unofferedSince = null;
        } else if (slice.unofferedSince == null) {
            slice.unofferedSince = now;
            Duration grace =
                    slice.build.request.waitForAgents().orElse(limits.times().agentGrace());
            expiries.at(now.plus(grace), due -> giveUp(due, slice, now));
        }
    }

    private void giveUp(Instant now, SliceRecord slice, Instant since) {
        noteOffers(now);
        if (!since.equals(slice.unofferedSince) || agents.offered().contains(slice.platform())) {
            return;
        }
        String text = "no agent proved " + slice.platform() + " within "
                + Duration.between(since, now).toSeconds() + " s; the farm has " + agents.offeredText()
                + ": start an agent on such a host";
        endings.sliceFailed(now, slice, Failure.of(Failure.Kind.CAPACITY, text));
    }
}
