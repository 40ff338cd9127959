package dev.sheaf.agent.engine.session;

import dev.sheaf.buildkit.auth.AuthGrpc;
import dev.sheaf.buildkit.control.ControlGrpc;
import dev.sheaf.buildkit.filesync.FileSyncGrpc;
import dev.sheaf.buildkit.health.HealthGrpc;
import dev.sheaf.buildkit.secrets.SecretsGrpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServiceDescriptor;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the engine may ask during one build: a gRPC server inside this process, reached by the engine through a stream
 * that the agent opened. Nothing listens on a port.
 */
public final class BuildSession implements AutoCloseable {

    /** Patterns of an ignore file travel as headers. */
    private static final int MAX_HEADER_BYTES = 1024 * 1024;

    private static final List<ServiceDescriptor> SERVICES = List.of(
            FileSyncGrpc.getServiceDescriptor(),
            AuthGrpc.getServiceDescriptor(),
            SecretsGrpc.getServiceDescriptor(),
            HealthGrpc.getServiceDescriptor());

    private final String id;
    private final FileSyncService fileSync;
    private final MultiThreadIoEventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("session", true), LocalIoHandler.newFactory());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Server server;
    private final Tunnel tunnel;

    private BuildSession(io.grpc.Channel engine, SessionContents contents) throws IOException, InterruptedException {
        this.id = contents.id();
        this.fileSync = new FileSyncService(contents.files());
        LocalAddress address = new LocalAddress("session-" + id);
        this.server = NettyServerBuilder.forAddress(address)
                .channelType(LocalServerChannel.class)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .executor(threads)
                .maxInboundMetadataSize(MAX_HEADER_BYTES)
                .intercept(TransferOptions.interceptor())
                .addService(fileSync)
                .addService(new AuthService(contents.credentials()))
                .addService(new SecretsService(contents.secrets()))
                .addService(new HealthService())
                .build()
                .start();
        this.tunnel = new Tunnel();
        // The server speaks first: nothing is read from it until the stream is there to take it.
        Channel local = new Bootstrap()
                .group(loops)
                .channel(LocalChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .handler(tunnel)
                .connect(address)
                .sync()
                .channel();
        ControlGrpc.newStub(engine)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(contents)))
                .session(tunnel);
        local.config().setAutoRead(true);
    }

    /** Opens the stream; the engine finds the session under its id from then on. */
    public static BuildSession open(io.grpc.Channel engine, SessionContents contents)
            throws IOException, InterruptedException {
        return new BuildSession(engine, contents);
    }

    public String id() {
        return id;
    }

    /** The first file that could not be read; null if there is none. */
    public @Nullable IOException fileFailure() {
        return fileSync.failure();
    }

    /** Ends the stream, and whatever the engine still asks. */
    @Override
    public void close() {
        tunnel.close();
        server.shutdownNow();
        var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        threads.shutdownNow();
    }

    private static Metadata headers(SessionContents contents) {
        Metadata headers = new Metadata();
        headers.put(header("uuid"), contents.id());
        headers.put(header("name"), "sheaf");
        headers.put(header("sharedkey"), contents.sharedKey());
        for (ServiceDescriptor service : SERVICES) {
            for (MethodDescriptor<?, ?> method : service.getMethods()) {
                headers.put(header("grpc-method"), "/" + method.getFullMethodName());
            }
        }
        return headers;
    }

    private static Metadata.Key<String> header(String name) {
        return Metadata.Key.of("x-docker-expose-session-" + name, Metadata.ASCII_STRING_MARSHALLER);
    }
}
