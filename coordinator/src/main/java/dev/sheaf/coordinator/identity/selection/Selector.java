package dev.sheaf.coordinator.identity.selection;

import dev.sheaf.image.Platform;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Agents that match all of what is said. Pure.
 *
 * @param names empty: any
 * @param pool empty: any
 * @param platform one that the agent offers or may offer
 */
public record Selector(List<String> names, String pool, Optional<Platform> platform) {
    /** Refuses to select everything without a word. */
    public Selector {
        names = List.copyOf(names);
        if (names.isEmpty() && pool.isEmpty() && platform.isEmpty()) {
            throw new IllegalArgumentException("say which agents: names, --pool or --platform");
        }
    }

    /** What is known of an agent. */
    public record Facts(String pool, Set<Platform> platforms) {
        public Facts {
            platforms = Set.copyOf(platforms);
        }
    }

    /** The names of those that match; throws IllegalArgumentException with one sentence if none does. */
    public List<String> select(Map<String, Facts> agents) {
        List<String> unknown =
                names.stream().filter(name -> !agents.containsKey(name)).toList();
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "no agent is called \"" + String.join("\" or \"", unknown) + "\"; sheaf agents lists them");
        }
        List<String> selected = new TreeMap<>(agents)
                .entrySet().stream()
                        .filter(agent -> names.isEmpty() || names.contains(agent.getKey()))
                        .filter(agent ->
                                pool.isEmpty() || agent.getValue().pool().equals(pool))
                        .filter(agent -> platform.isEmpty()
                                || agent.getValue().platforms().contains(platform.get()))
                        .map(Map.Entry::getKey)
                        .toList();
        if (selected.isEmpty()) {
            throw new IllegalArgumentException("no agent matches " + this + "; sheaf agents lists them");
        }
        return selected;
    }

    @Override
    public String toString() {
        return (String.join(" ", names)
                        + (pool.isEmpty() ? "" : " --pool " + pool)
                        + platform.map(known -> " --platform " + known).orElse(""))
                .strip();
    }
}
