package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.queue.AgentTable.Agent;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Which agent gets a slice. Pure: looks, and changes nothing. */
@FunctionalInterface
interface Placement {
    /**
     * The agent to lease a slice to now.
     *
     * @param offering the live agents of the slice's platform
     */
    Optional<Agent> choose(SliceRecord slice, List<Agent> offering, Instant now);

    /** The agents that may have the slice, the preferred first, whether they have room or not. */
    default List<Agent> ranked(SliceRecord slice, List<Agent> offering, Instant now) {
        return choose(slice, offering, now).stream().toList();
    }

    static boolean isEmulated(SliceRecord slice, Agent agent) {
        return agent.description()
                .offer(slice.platform())
                .map(offer -> offer.emulated())
                .orElse(false);
    }

    /**
     * Agents that have not failed the slice come first, and are waited for when they are busy; native before emulated,
     * likewise; then one that reached the registry or has not tried; then the one with the most free slots. Only when every agent of the platform has failed the slice does
     * it go back to one, after a while.
     */
    record FreshFirst(Duration sameAgentBackOff) implements Placement {
        @Override
        public Optional<Agent> choose(SliceRecord slice, List<Agent> offering, Instant now) {
            return candidates(slice, offering, now).stream()
                    .filter(agent -> agent.isListening() && agent.freeSlots() > 0)
                    .max(preference(slice));
        }

        @Override
        public List<Agent> ranked(SliceRecord slice, List<Agent> offering, Instant now) {
            return candidates(slice, offering, now).stream()
                    .sorted(preference(slice).reversed())
                    .toList();
        }

        private static Comparator<Agent> preference(SliceRecord slice) {
            return Comparator.<Agent, Boolean>comparing(agent -> !slice.registryFailedBy.contains(agent.id))
                    .thenComparingInt(Agent::freeSlots)
                    .thenComparing(agent -> agent.id, Comparator.reverseOrder());
        }

        private List<Agent> candidates(SliceRecord slice, List<Agent> offering, Instant now) {
            List<Agent> fresh = offering.stream()
                    .filter(agent -> !slice.failedBy.containsKey(agent.id))
                    .toList();
            if (!fresh.isEmpty()) {
                return nativeFirst(slice, fresh);
            }
            if (now.isBefore(slice.sameAgentFrom(sameAgentBackOff))) {
                return List.of();
            }
            int fewest = offering.stream()
                    .mapToInt(agent -> failures(slice, agent))
                    .min()
                    .orElse(0);
            return offering.stream()
                    .filter(agent -> failures(slice, agent) == fewest)
                    .toList();
        }

        private static List<Agent> nativeFirst(SliceRecord slice, List<Agent> agents) {
            List<Agent> natives = agents.stream()
                    .filter(agent -> !Placement.isEmulated(slice, agent))
                    .toList();
            return natives.isEmpty() ? agents : natives;
        }

        private static int failures(SliceRecord slice, Agent agent) {
            return slice.failedBy.getOrDefault(agent.id, 0);
        }
    }
}
