package dev.sheaf.coordinator.store;

import dev.sheaf.coordinator.build.BuildId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Keeps the decisions about open builds in memory: a coordinator that restarts starts empty. */
public final class InMemoryStore implements Store {
    private final Map<BuildId, List<Decision>> open = new LinkedHashMap<>();
    private long highestFence;

    @Override
    public synchronized void append(List<Decision> decisions) {
        for (Decision decision : decisions) {
            if (decision instanceof Decision.Leased leased) {
                highestFence = Math.max(highestFence, leased.lease().fence());
            }
            if (decision instanceof Decision.Ended) {
                open.remove(decision.build());
            } else {
                open.computeIfAbsent(decision.build(), _ -> new ArrayList<>()).add(decision);
            }
        }
    }

    @Override
    public synchronized long highestFence() {
        return highestFence;
    }

    /** The decisions about builds that have not ended, oldest build first. */
    public synchronized List<Decision> openDecisions() {
        return open.values().stream().flatMap(List::stream).toList();
    }
}
