package dev.sheaf.coordinator.identity;

import dev.sheaf.endpoint.tls.Pin;
import dev.sheaf.image.Platform;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An agent that joined.
 *
 * @param platforms what it may offer; empty: whatever it proves
 * @param key of its certificates
 */
public record AgentIdentity(String name, String pool, List<Platform> platforms, Pin key, History history) {
    public AgentIdentity {
        Names.require("agent", name);
        Names.require("pool", pool);
        platforms = List.copyOf(platforms);
    }

    /**
     * What happened to it.
     *
     * @param joinedFrom the address of the host
     * @param expires end of its last certificate
     * @param revoked empty: it is not
     */
    public record History(Instant joined, String joinedFrom, Instant expires, Optional<Instant> revoked) {}

    Caller.Agent caller() {
        return new Caller.Agent(name, pool, platforms);
    }
}
