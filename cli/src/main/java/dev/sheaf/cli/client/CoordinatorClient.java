package dev.sheaf.cli.client;

import dev.sheaf.cli.output.Words;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.cli.shell.Sleeper;
import dev.sheaf.v1.Agent;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.BuildServiceGrpc;
import dev.sheaf.v1.BuildServiceGrpc.BuildServiceBlockingStub;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.CancelRequest;
import dev.sheaf.v1.GetRequest;
import dev.sheaf.v1.ListAgentsRequest;
import dev.sheaf.v1.ListRequest;
import dev.sheaf.v1.SubmitRequest;
import dev.sheaf.v1.WatchRequest;
import io.grpc.Channel;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The CLI's connection to its coordinator. Calls block; an interrupt ends them. */
public final class CoordinatorClient implements AutoCloseable {
    private static final int MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
    private static final int MAX_METADATA_BYTES = 16 * 1024;
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);
    private static final int CALL_TRIES = 4;
    /** With pauses of at most 10 s, about five minutes without a coordinator. */
    private static final int WATCH_TRIES = 35;

    private static final long CLOSE_MILLIS = 200;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final ManagedChannel channel;
    private final EventLoopGroup loop;
    private final BuildServiceBlockingStub stub;
    private final Failures failures;
    private final String address;
    private final Sleeper sleeper;

    private CoordinatorClient(ManagedChannel channel, EventLoopGroup loop, String address, Sleeper sleeper) {
        this.channel = channel;
        this.loop = loop;
        this.stub = BuildServiceGrpc.newBlockingStub(channel);
        this.failures = new Failures(address);
        this.address = address;
        this.sleeper = sleeper;
    }

    /**
     * Connects at once, in the background: the caller has other things to do before its first call. The connection is
     * in the clear: the caller has checked that the host is this one.
     */
    public static CoordinatorClient plaintext(String host, int port, Sleeper sleeper) {
        EventLoopGroup loop =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("net", true), NioIoHandler.newFactory());
        ManagedChannel channel = NettyChannelBuilder.forAddress(host, port, InsecureChannelCredentials.create())
                .channelType(NioSocketChannel.class)
                .eventLoopGroup(loop)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .maxInboundMetadataSize(MAX_METADATA_BYTES)
                .build();
        var _ = channel.getState(true);
        return new CoordinatorClient(channel, loop, host + ":" + port, sleeper);
    }

    /** For the context's own calls. */
    public Channel channel() {
        return channel;
    }

    /** What a failed call on {@link #channel()} means to the user. */
    public CliException failure(StatusRuntimeException failure) {
        return failures.translate(failure);
    }

    /** Submits; safe to repeat, because the request carries its idempotency key. Returns the build's id. */
    public String submit(SubmitRequest request) throws CliException, InterruptedException {
        return call(() -> unary().submit(request)).getBuildId();
    }

    /** Asks for the build's end. Returns the state after that. */
    public BuildState cancel(String buildId) throws CliException, InterruptedException {
        CancelRequest request = CancelRequest.newBuilder().setBuildId(buildId).build();
        return call(() -> unary().cancel(request)).getState();
    }

    /** The build with this id, or whose id alone starts so. */
    public Build get(String buildId) throws CliException, InterruptedException {
        GetRequest request = GetRequest.newBuilder().setBuildId(buildId).build();
        return call(() -> unary().get(request));
    }

    /** The newest builds, newest first. */
    public List<Build> list(int limit) throws CliException, InterruptedException {
        ListRequest request = ListRequest.newBuilder().setLimit(limit).build();
        return call(() -> unary().list(request)).getBuildsList();
    }

    public List<Agent> agents() throws CliException, InterruptedException {
        return call(() -> unary().listAgents(ListAgentsRequest.getDefaultInstance()))
                .getAgentsList();
    }

    /** Follows the build to its end, calling again from the last event whenever the connection is lost. */
    public Build watch(String buildId, WatchListener listener) throws CliException, InterruptedException {
        long next = 0;
        int tries = 0;
        while (true) {
            try {
                Iterator<BuildEvent> events = stub.watch(WatchRequest.newBuilder()
                        .setBuildId(buildId)
                        .setFromSequence(next)
                        .build());
                while (events.hasNext()) {
                    BuildEvent event = events.next();
                    if (event.getSequence() < next) {
                        continue;
                    }
                    next = event.getSequence() + 1;
                    tries = 0;
                    listener.event(event);
                    if (event.hasBuild() && Words.isEnd(event.getBuild().getState())) {
                        return event.getBuild();
                    }
                }
            } catch (StatusRuntimeException e) {
                stopIfInterrupted();
                if (!Failures.isTransient(e)) {
                    throw failures.translate(e);
                }
            }
            tries++;
            if (tries > WATCH_TRIES) {
                throw new CliException(
                        ExitCode.UNAVAILABLE,
                        "lost the coordinator at " + address + "; the build may go on there: see \"sheaf show "
                                + buildId + "\"");
            }
            Duration pause = pause(tries);
            listener.disconnected(pause);
            sleeper.sleep(pause);
        }
    }

    private BuildServiceBlockingStub unary() {
        return stub.withDeadlineAfter(CALL_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }

    private <T> T call(Supplier<T> call) throws CliException, InterruptedException {
        for (int tries = 1; ; tries++) {
            try {
                return call.get();
            } catch (StatusRuntimeException e) {
                stopIfInterrupted();
                if (tries == CALL_TRIES || !Failures.isTransient(e)) {
                    throw failures.translate(e);
                }
                sleeper.sleep(pause(tries));
            }
        }
    }

    private static void stopIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("the call was interrupted");
        }
    }

    private static Duration pause(int tries) {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(tries - 1, 10));
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }

    /**
     * Ends the connection and the thread behind it. A JVM that exits while a thread waits for the network in native
     * code waits 300 ms for that thread; this takes a few.
     */
    @Override
    public void close() {
        channel.shutdownNow();
        loop.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS).awaitUninterruptibly(CLOSE_MILLIS);
    }
}
