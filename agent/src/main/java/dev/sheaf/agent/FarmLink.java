package dev.sheaf.agent;

import dev.sheaf.agent.identity.AgentState;
import dev.sheaf.agent.identity.Enrolment;
import dev.sheaf.agent.identity.FarmIdentity;
import dev.sheaf.agent.identity.Renewal;
import dev.sheaf.endpoint.route.FarmChannel;
import dev.sheaf.endpoint.route.FarmRoute;
import dev.sheaf.endpoint.tls.FarmTls;
import dev.sheaf.endpoint.tls.FarmTrust;
import io.grpc.ChannelCredentials;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/** This agent's connections to its farm; over TLS with a certificate that is kept fresh. */
final class FarmLink implements AutoCloseable {
    private final FarmChannel control;
    private final FarmChannel bulk;
    private final Optional<Secured> secured;

    /** What only a TLS link has. */
    private record Secured(Renewal renewal, FarmChannel anonymous, Thread renewing) {}

    private FarmLink(FarmChannel control, FarmChannel bulk, Optional<Secured> secured) {
        this.control = control;
        this.bulk = bulk;
        this.secured = secured;
    }

    static FarmLink plaintext(FarmRoute route) {
        return new FarmLink(CoordinatorChannel.plaintext(route), CoordinatorChannel.plaintext(route), Optional.empty());
    }

    /** Waits until the certificate is valid; throws StatusRuntimeException if the farm refuses another. */
    static FarmLink secure(
            FarmRoute route,
            FarmIdentity identity,
            Duration patience,
            AgentState state,
            InstantSource clock,
            Renewal.Sleeper sleeper)
            throws InterruptedException {
        FarmChannel anonymous = CoordinatorChannel.anonymous(route, identity.pin());
        boolean opened = false;
        try {
            Enrolment enrolment = new Enrolment(anonymous, patience);
            Renewal renewal = new Renewal(identity, enrolment::renew, state, clock, sleeper);
            renewal.awaitValid();
            FarmTrust trust = new FarmTrust.Pinned(identity.pin());
            Supplier<ChannelCredentials> credentials = () -> FarmTls.credentials(trust, Optional.of(renewal.key()));
            FarmChannel control = CoordinatorChannel.open(route, credentials);
            FarmChannel bulk = CoordinatorChannel.open(route, credentials);
            Thread renewing = Thread.ofVirtual().name("renewal").start(() -> renew(renewal, control, bulk));
            opened = true;
            return new FarmLink(control, bulk, Optional.of(new Secured(renewal, anonymous, renewing)));
        } finally {
            if (!opened) {
                anonymous.close();
            }
        }
    }

    private static void renew(Renewal renewal, FarmChannel control, FarmChannel bulk) {
        try {
            renewal.run(() -> {
                control.reconnect();
                bulk.reconnect();
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the program ends
        }
    }

    AgentProgram.Channels channels() {
        return new AgentProgram.Channels(control, bulk);
    }

    FarmChannel control() {
        return control;
    }

    @Override
    public void close() {
        secured.ifPresent(link -> {
            link.renewing().interrupt();
            link.anonymous().close();
        });
        bulk.close();
        control.close();
    }
}
