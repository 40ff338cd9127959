package dev.sheaf.agent.engine.channel;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.Channel;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.TimeUnit;

/** Opens gRPC channels to the BuildKit of one engine. */
public final class EngineChannels implements AutoCloseable {

    private static final int MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

    private final MultiThreadIoEventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("engine", true), NioIoHandler.newFactory());

    /**
     * Opens a channel; does not connect yet.
     *
     * @throws IOException if the files for TLS cannot be used; its message is a line for people
     */
    public ManagedChannel open(EngineAddress address) throws IOException {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(address.resolved())
                .channelFactory(() -> transport(address))
                .eventLoopGroup(loops)
                .disableRetry()
                .maxInboundMessageSize(MAX_MESSAGE_BYTES);
        if (address.tls().isPresent()) {
            String name = address.serverName();
            builder.sslContext(address.tls().get().load())
                    .overrideAuthority(name.indexOf(':') >= 0 ? "[" + name + "]" : name);
        } else {
            builder.usePlaintext().overrideAuthority("localhost");
        }
        return builder.build();
    }

    @Override
    public void close() {
        var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private static Channel transport(EngineAddress address) {
        Channel channel = switch (address.socket()) {
            case UnixDomainSocketAddress _ -> new NioDomainSocketChannel();
            default -> new NioSocketChannel();
        };
        if (address.kind() == EngineAddress.Kind.DOCKER) {
            channel.pipeline().addFirst(new UpgradeHandler());
        }
        return channel;
    }
}
