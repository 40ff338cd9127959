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
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Opens gRPC channels to the BuildKit of one engine. */
public final class EngineChannels implements AutoCloseable {

    private static final int MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

    private final MultiThreadIoEventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("engine", true), NioIoHandler.newFactory());

    /**
     * Opens a channel.
     *
     * @throws IOException if nobody listens there
     */
    public ManagedChannel open(EngineAddress address) throws IOException {
        return NettyChannelBuilder.forAddress(address.socket())
                .channelFactory(() -> transport(address))
                .eventLoopGroup(loops)
                .usePlaintext()
                .overrideAuthority("localhost")
                .disableRetry()
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .build();
    }

    /**
     * Finds out what listens on a Unix socket of unknown kind: Docker Engine answers HTTP/1.1, BuildKit does not.
     *
     * @throws IOException if nobody listens there
     */
    public static EngineAddress identify(EngineAddress address) throws IOException {
        return switch (address.kind()) {
            case DOCKER, BUILDKIT -> address;
            case UNKNOWN -> address.as(speaksHttp(address) ? EngineAddress.Kind.DOCKER : EngineAddress.Kind.BUILDKIT);
        };
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

    private static boolean speaksHttp(EngineAddress address) throws IOException {
        try (SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(address.path()))) {
            return answersHttp(socket);
        } catch (IOException e) {
            throw new IOException(address.text() + " does not answer: " + e.getMessage(), e);
        }
    }

    private static boolean answersHttp(SocketChannel socket) {
        ByteBuffer answer = ByteBuffer.allocate(5);
        try {
            socket.write(ByteBuffer.wrap("GET /_ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII)));
            while (answer.hasRemaining() && socket.read(answer) >= 0) {
                // until five bytes are there, or the end
            }
        } catch (IOException e) {
            // BuildKit may cut off whoever does not begin with HTTP/2.
            return false;
        }
        return new String(answer.array(), StandardCharsets.US_ASCII).equals("HTTP/");
    }
}
