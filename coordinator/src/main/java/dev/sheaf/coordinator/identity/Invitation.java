package dev.sheaf.coordinator.identity;

import dev.sheaf.image.Platform;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Permits one host to join, once.
 *
 * @param id of its token
 * @param secretHash SHA-256 of the token's secret, in hex
 */
public record Invitation(String id, String secretHash, Terms terms, Instant expires) {
    /** Longest time that a host may take to join. */
    public static final Duration MAX_TTL = Duration.ofDays(7);

    private static final Duration MIN_TTL = Duration.ofMinutes(1);

    /**
     * What it permits.
     *
     * @param platforms what the agent may offer; empty: whatever it proves
     * @param agent its name, also if an agent has it already; empty: what the host wants, if that is free
     */
    public record Terms(String pool, List<Platform> platforms, String agent) {
        public Terms {
            Names.require("pool", pool);
            platforms = List.copyOf(platforms);
            if (!agent.isEmpty()) {
                Names.require("agent", agent);
            }
        }
    }

    static Duration requireTtl(Duration ttl) {
        if (ttl.compareTo(MIN_TTL) < 0 || ttl.compareTo(MAX_TTL) > 0) {
            throw new IllegalArgumentException(
                    "an invitation holds from 1 minute to " + MAX_TTL.toDays() + " days, found " + ttl);
        }
        return ttl;
    }
}
