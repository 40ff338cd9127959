package dev.sheaf.coordinator.rpc;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.sheaf.coordinator.context.WantedBlobs;
import dev.sheaf.coordinator.dispatch.Dispatcher;
import dev.sheaf.coordinator.identity.Gate;
import dev.sheaf.coordinator.identity.IdentityStore;
import dev.sheaf.coordinator.identity.pki.ServerIdentity;
import dev.sheaf.coordinator.log.BuildLogs;
import dev.sheaf.coordinator.publish.ReadImages;
import dev.sheaf.coordinator.publish.RegistryAccess;
import dev.sheaf.coordinator.publish.RegistryIndexPublisher;
import dev.sheaf.coordinator.publish.RegistrySliceVerifier;
import dev.sheaf.coordinator.rpc.caller.CallerInterceptor;
import dev.sheaf.coordinator.rpc.caller.LiveCalls;
import dev.sheaf.coordinator.store.InMemoryStore;
import java.time.InstantSource;
import java.util.Optional;

/** How calls come into a farm under test. */
final class TestDoor {
    private TestDoor() {}

    /** Of a dispatcher that forgets, and has no registry. */
    static Dispatcher.Ports ports(BuildLogs logs, WantedBlobs wanted) {
        RegistryAccess none = (_, registry, _) -> {
            throw new IllegalStateException("no registry in this test: " + registry);
        };
        return new Dispatcher.Ports(
                new LoggedBuildEvents(logs, wanted),
                new RegistrySliceVerifier(none, new ReadImages(), _ -> {}),
                new RegistryIndexPublisher(none, _ -> {}, () -> true),
                (_, _, _) -> {},
                new InMemoryStore());
    }

    /** The callers that this store knows; in clear text if there is no certificate. */
    static FarmServer.Door open(IdentityStore identities, Optional<ServerIdentity> tls) {
        Gate gate = new Gate(identities, InstantSource.system(), Ticker.systemTicker());
        return new FarmServer.Door(tls, new CallerInterceptor(gate, new LiveCalls()));
    }
}
