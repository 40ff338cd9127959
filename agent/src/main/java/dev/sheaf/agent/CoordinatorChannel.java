package dev.sheaf.agent;

import dev.sheaf.endpoint.FarmAddress;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.util.concurrent.TimeUnit;

/** The connection to the coordinator. */
final class CoordinatorChannel {
    private static final int MAX_MESSAGE = 4 << 20; // bytes
    private static final int MAX_METADATA = 16 << 10; // bytes

    private CoordinatorChannel() {}

    /** Does not connect yet. Refuses an address where clear text would leave this machine. */
    static ManagedChannel open(String text) {
        FarmAddress address = FarmAddress.parse(text).requirePlaintextAllowed();
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
