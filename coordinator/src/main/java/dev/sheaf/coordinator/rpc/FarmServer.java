package dev.sheaf.coordinator.rpc;

import dev.sheaf.coordinator.identity.pki.ServerIdentity;
import dev.sheaf.coordinator.rpc.caller.Connections;
import dev.sheaf.endpoint.FarmAddress;
import dev.sheaf.endpoint.tls.FarmTls;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.SSLException;

/** The listening end of the farm: TLS 1.3; clear text, for whom it has no certificate, on loopback addresses only. */
public final class FarmServer {
    private static final int MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
    private static final int MAX_METADATA_BYTES = 16 * 1024;
    /** Of one connection, at a time. */
    private static final int MAX_CALLS = 1000;

    private static final int HANDSHAKE_SECONDS = 10;
    private static final int KEEPALIVE_SECONDS = 10;
    private static final int KEEPALIVE_TIMEOUT_SECONDS = 5;

    /** Callers ping every 10 s; one that pings more often than this is cut off. */
    private static final int SHORTEST_PING_SECONDS = 5;

    /** Strangers that speak something else, such as scanners of ports, are not worth a trace in the log each. */
    private static final Logger CONNECTIONS = Logger.getLogger("io.grpc.netty.NettyServerTransport");

    static {
        CONNECTIONS.setLevel(Level.WARNING);
    }

    private final Server server;
    private final FarmAddress address;
    private final AdvancedTlsX509KeyManager keys;

    private FarmServer(Server server, FarmAddress address, AdvancedTlsX509KeyManager keys) {
        this.server = server;
        this.address = address;
        this.keys = keys;
    }

    /**
     * How calls come in.
     *
     * @param tls empty: in clear text
     * @param callers says who calls
     */
    public record Door(Optional<ServerIdentity> tls, ServerInterceptor callers) {}

    /** Starts to listen; calls run on threads of their own, where they may block. */
    public static FarmServer start(FarmAddress address, Door door, FarmServices services) throws IOException {
        if (door.tls().isEmpty()) {
            address.requirePlaintextAllowed();
        }
        AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address.socketAddress())
                .executor(Thread::startVirtualThread) // never refuses: the end of a call is told on it as well
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .maxConcurrentCallsPerConnection(MAX_CALLS)
                .maxInboundMetadataSize(MAX_METADATA_BYTES)
                .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveTime(SHORTEST_PING_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true);
        if (door.tls().isPresent()) {
            ServerIdentity identity = door.tls().get();
            show(keys, identity);
            builder.sslContext(context(keys, identity)).handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        }
        Connections connections = new Connections();
        builder.addTransportFilter(connections).intercept(door.callers()).intercept(connections);
        builder.fallbackHandlerRegistry(services);
        Server server = builder.build().start();
        int port = server.getListenSockets().stream()
                .map(InetSocketAddress.class::cast)
                .mapToInt(InetSocketAddress::getPort)
                .findFirst()
                .orElse(address.port());
        return new FarmServer(server, new FarmAddress(address.host(), port), keys);
    }

    /** Callers may show a certificate, which must be an agent's of this farm then. */
    private static SslContext context(AdvancedTlsX509KeyManager keys, ServerIdentity identity) throws SSLException {
        return GrpcSslContexts.configure(SslContextBuilder.forServer(keys), SslProvider.JDK)
                .protocols(FarmTls.PROTOCOLS)
                .clientAuth(ClientAuth.OPTIONAL)
                .trustManager(identity.agents().certificate())
                .build();
    }

    /** Shows this to whoever connects from now on. Connections that are open stay as they are. */
    public void show(ServerIdentity identity) {
        show(keys, identity);
    }

    private static void show(AdvancedTlsX509KeyManager keys, ServerIdentity identity) {
        keys.updateIdentityCredentials(identity.chain().toArray(X509Certificate[]::new), identity.key());
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
