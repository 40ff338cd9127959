package dev.sheaf.coordinator.rpc;

import dev.sheaf.endpoint.FarmAddress;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** The listening end of the farm. Clear text, and therefore on loopback addresses only. */
public final class FarmServer {
    private static final int MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
    private static final int MAX_METADATA_BYTES = 16 * 1024;
    /** Of one connection, at a time. */
    private static final int MAX_CALLS = 1000;

    private static final int KEEPALIVE_SECONDS = 10;
    private static final int KEEPALIVE_TIMEOUT_SECONDS = 5;

    /** Callers ping every 10 s; one that pings more often than this is cut off. */
    private static final int SHORTEST_PING_SECONDS = 5;

    private final Server server;
    private final FarmAddress address;

    private FarmServer(Server server, FarmAddress address) {
        this.server = server;
        this.address = address;
    }

    /** Starts to listen; calls run on threads of their own, where they may block. */
    public static FarmServer start(FarmAddress address, FarmServices services) throws IOException {
        FarmAddress allowed = address.requirePlaintextAllowed();
        NettyServerBuilder builder = NettyServerBuilder.forAddress(allowed.socketAddress())
                .executor(Thread::startVirtualThread) // never refuses: the end of a call is told on it as well
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .maxConcurrentCallsPerConnection(MAX_CALLS)
                .maxInboundMetadataSize(MAX_METADATA_BYTES)
                .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveTime(SHORTEST_PING_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true);
        Connections connections = new Connections();
        builder.addTransportFilter(connections).intercept(connections);
        builder.fallbackHandlerRegistry(services);
        Server server = builder.build().start();
        int port = server.getListenSockets().stream()
                .map(InetSocketAddress.class::cast)
                .mapToInt(InetSocketAddress::getPort)
                .findFirst()
                .orElse(address.port());
        return new FarmServer(server, new FarmAddress(address.host(), port));
    }

    /** Where it listens, with the port that the system chose. */
    public FarmAddress address() {
        return address;
    }

    /** Takes no new calls, gives those that run a moment to end, then ends them. */
    public void stop(long seconds) throws InterruptedException {
        server.shutdown();
        if (!server.awaitTermination(seconds, TimeUnit.SECONDS)) {
            server.shutdownNow();
            server.awaitTermination(seconds, TimeUnit.SECONDS);
        }
    }
}
