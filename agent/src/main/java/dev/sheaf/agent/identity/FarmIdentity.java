package dev.sheaf.agent.identity;

import dev.sheaf.endpoint.FarmAddress;
import dev.sheaf.endpoint.tls.ClientKey;
import dev.sheaf.endpoint.tls.Pin;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A farm that this host has joined.
 *
 * @param name of the agent there
 * @param pin of the farm's authority
 */
public record FarmIdentity(List<FarmAddress> coordinators, Pin pin, String name, ClientKey key) {
    public FarmIdentity {
        coordinators = List.copyOf(coordinators);
    }

    /** End of the certificate. */
    public Instant expires() {
        return key.chain().getFirst().getNotAfter().toInstant();
    }

    /** When two thirds of the certificate's time have passed. */
    Instant renewal() {
        Instant begin = key.chain().getFirst().getNotBefore().toInstant();
        return begin.plus(Duration.between(begin, expires()).multipliedBy(2).dividedBy(3));
    }

    FarmIdentity with(ClientKey renewed) {
        return new FarmIdentity(coordinators, pin, name, renewed);
    }
}
