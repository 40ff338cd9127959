package dev.sheaf.agent.session;

import dev.sheaf.v1.LeaseRef;
import java.util.LinkedHashSet;
import java.util.Set;

/** The newest leases that this process was ever given, so that none is started twice. Bounded. */
final class SeenLeases {
    private final int limit;
    private final Set<LeaseRef> seen = new LinkedHashSet<>();

    SeenLeases(int limit) {
        this.limit = limit;
    }

    /** True the first time. */
    boolean add(LeaseRef lease) {
        if (!seen.add(lease)) {
            return false;
        }
        if (seen.size() > limit) {
            seen.remove(seen.iterator().next());
        }
        return true;
    }

    int size() {
        return seen.size();
    }
}
