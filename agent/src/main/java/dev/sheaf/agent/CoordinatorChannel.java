package dev.sheaf.agent;

import dev.sheaf.endpoint.FarmAddress;
import dev.sheaf.endpoint.route.FarmChannel;
import dev.sheaf.endpoint.route.FarmRoute;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The connections to the coordinator. */
final class CoordinatorChannel {
    private static final int MAX_MESSAGE = 4 << 20; // bytes
    private static final int MAX_METADATA = 16 << 10; // bytes

    private CoordinatorChannel() {}

    /** The way to the coordinators of a list. Refuses an address where clear text would leave this machine. */
    static FarmRoute route(String text) {
        List<FarmAddress> addresses = FarmAddress.parseList(text);
        addresses.forEach(FarmAddress::requirePlaintextAllowed);
        return new FarmRoute(addresses);
    }

    /** Does not connect yet. */
    static FarmChannel open(FarmRoute route) {
        return new FarmChannel(route, CoordinatorChannel::connection);
    }

    private static ManagedChannel connection(FarmAddress address) {
        return NettyChannelBuilder.forAddress(address.host(), address.port())
                .usePlaintext()
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS)
                .keepAliveWithoutCalls(true)
                .maxInboundMessageSize(MAX_MESSAGE)
                .maxInboundMetadataSize(MAX_METADATA)
                .build();
    }
}
