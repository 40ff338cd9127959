package dev.sheaf.agent;

import dev.sheaf.agent.identity.FarmIdentity;
import dev.sheaf.endpoint.FarmAddress;
import dev.sheaf.endpoint.route.FarmChannel;
import dev.sheaf.endpoint.route.FarmRoute;
import dev.sheaf.endpoint.tls.FarmTls;
import dev.sheaf.endpoint.tls.FarmTrust;
import dev.sheaf.endpoint.tls.Pin;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The connections to the coordinator. */
final class CoordinatorChannel {
    private static final int MAX_MESSAGE = 4 << 20; // bytes
    private static final int MAX_METADATA = 16 << 10; // bytes

    private CoordinatorChannel() {}

    /**
     * The way to the coordinators of a list, or, without one, to those of the farm that was joined. Over TLS to that farm;
     * in clear text to addresses of this machine that are not its. Refuses an address where clear text would leave it.
     */
    static FarmRoute route(String text, Optional<FarmIdentity> joined) {
        List<FarmAddress> known = joined.map(FarmIdentity::coordinators).orElse(List.of());
        if (text.isEmpty()) {
            return known.isEmpty() ? new FarmRoute(List.of(FarmAddress.DEFAULT), false) : new FarmRoute(known, true);
        }
        List<FarmAddress> addresses = FarmAddress.parseList(text);
        boolean leavesThisMachine = addresses.stream().anyMatch(address -> !address.isLoopback());
        if (joined.isPresent() && (leavesThisMachine || known.containsAll(addresses))) {
            return new FarmRoute(addresses, true);
        }
        addresses.forEach(FarmAddress::requirePlaintextAllowed);
        return new FarmRoute(addresses, false);
    }

    /** In clear text. Does not connect yet. */
    static FarmChannel plaintext(FarmRoute route) {
        return open(route, InsecureChannelCredentials::create);
    }

    /** Over TLS, to the farm with this pin and to nobody else, as nobody. Does not connect yet. */
    static FarmChannel anonymous(FarmRoute route, Pin pin) {
        return open(route, () -> FarmTls.credentials(new FarmTrust.Pinned(pin), Optional.empty()));
    }

    /** Does not connect yet; each connection has the credentials of its time. */
    static FarmChannel open(FarmRoute route, Supplier<ChannelCredentials> credentials) {
        return new FarmChannel(route, address -> connection(address, credentials.get()));
    }

    private static ManagedChannel connection(FarmAddress address, ChannelCredentials credentials) {
        return NettyChannelBuilder.forAddress(address.host(), address.port(), credentials)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS)
                .keepAliveWithoutCalls(true)
                .maxInboundMessageSize(MAX_MESSAGE)
                .maxInboundMetadataSize(MAX_METADATA)
                .build();
    }
}
