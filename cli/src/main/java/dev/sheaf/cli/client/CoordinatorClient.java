package dev.sheaf.cli.client;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.cli.shell.Sleeper;
import dev.sheaf.endpoint.FarmAddress;
import dev.sheaf.endpoint.route.FarmChannel;
import dev.sheaf.endpoint.route.FarmRoute;
import dev.sheaf.endpoint.tls.FarmTls;
import dev.sheaf.v1.Agent;
import dev.sheaf.v1.AttachRequest;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildServiceGrpc;
import dev.sheaf.v1.BuildServiceGrpc.BuildServiceBlockingStub;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.CancelRequest;
import dev.sheaf.v1.GetRequest;
import dev.sheaf.v1.IdentityServiceGrpc;
import dev.sheaf.v1.IdentityServiceGrpc.IdentityServiceBlockingStub;
import dev.sheaf.v1.ListAgentsRequest;
import dev.sheaf.v1.ListRequest;
import dev.sheaf.v1.PlanRequest;
import dev.sheaf.v1.SlicePlan;
import dev.sheaf.v1.StitchRequest;
import dev.sheaf.v1.SubmitRequest;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
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
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final Wires wires;
    private final BuildServiceBlockingStub stub;
    private final Failures failures;
    private final FarmRoute route;
    private final Sleeper sleeper;

    private CoordinatorClient(Wires wires, FarmRoute route, Sleeper sleeper) {
        this.wires = wires;
        this.stub = BuildServiceGrpc.newBlockingStub(wires.calls());
        this.failures = new Failures(route);
        this.route = route;
        this.sleeper = sleeper;
    }

    /**
     * The connection.
     *
     * @param calls the same, with the user's token on each call
     */
    private record Wires(FarmChannel channel, Channel calls, EventLoopGroup loop) {}

    /**
     * Connects at once, in the background: the caller has other things to do before its first call. Who wants clear text
     * has checked that the hosts are this one.
     */
    public static CoordinatorClient open(List<FarmAddress> addresses, Access access, Sleeper sleeper) {
        EventLoopGroup loop =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("net", true), NioIoHandler.newFactory());
        FarmRoute route = new FarmRoute(addresses, access instanceof Access.Secure);
        FarmChannel channel = new FarmChannel(route, address -> connection(address, credentials(access), loop));
        return new CoordinatorClient(new Wires(channel, authorized(channel, access), loop), route, sleeper);
    }

    private static ChannelCredentials credentials(Access access) {
        return switch (access) {
            case Access.Plaintext _ -> InsecureChannelCredentials.create();
            case Access.Secure secure -> FarmTls.credentials(secure.trust(), Optional.empty());
        };
    }

    private static Channel authorized(Channel channel, Access access) {
        if (!(access instanceof Access.Secure secure) || secure.token().isEmpty()) {
            return channel;
        }
        Metadata headers = new Metadata();
        headers.put(AUTHORIZATION, "Bearer " + secure.token().get().credential());
        return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private static ManagedChannel connection(FarmAddress address, ChannelCredentials credentials, EventLoopGroup loop) {
        ManagedChannel channel = NettyChannelBuilder.forAddress(address.host(), address.port(), credentials)
                .channelType(NioSocketChannel.class)
                .eventLoopGroup(loop)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .maxInboundMetadataSize(MAX_METADATA_BYTES)
                .build();
        var _ = channel.getState(true);
        return channel;
    }

    /** The farm's addresses, as they are written. */
    public String farm() {
        return route.addresses();
    }

    /** For the context's own calls. */
    public Channel channel() {
        return wires.calls();
    }

    /** A call about agents' and users' identities. */
    public <T> T identities(Function<IdentityServiceBlockingStub, T> call) throws CliException, InterruptedException {
        IdentityServiceBlockingStub identities = IdentityServiceGrpc.newBlockingStub(wires.calls());
        return call(() -> call.apply(identities.withDeadlineAfter(CALL_TIMEOUT.toSeconds(), TimeUnit.SECONDS)));
    }

    /** What a failed call on {@link #channel()} means to the user. */
    public CliException failure(StatusRuntimeException failure) {
        return failures.translate(failure);
    }

    /** Submits; safe to repeat, because the request carries its idempotency key. Returns the build's id. */
    public String submit(SubmitRequest request) throws CliException, InterruptedException {
        return call(() -> unary().submit(request)).getBuildId();
    }

    /** Submits again, once. Throws StatusRuntimeException. */
    public String resubmit(SubmitRequest request) {
        return unary().submit(request).getBuildId();
    }

    /** Brings credentials again. False: there is no such build, or it has ended. */
    public boolean attach(AttachRequest request) throws CliException, InterruptedException {
        return call(() -> reattach(request));
    }

    /** Brings credentials again, trying once. Throws StatusRuntimeException. */
    public boolean reattach(AttachRequest request) {
        try {
            var _ = unary().attach(request);
            return true;
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    /** Publishes again what a build made; safe to repeat. Returns the new build's id. */
    public String stitch(StitchRequest request) throws CliException, InterruptedException {
        return call(() -> restitch(request));
    }

    /** The same, trying once. Throws StatusRuntimeException. */
    public String restitch(StitchRequest request) {
        return unary().stitch(request).getBuildId();
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

    /** The newest builds of a team, newest first; the empty name: of all that the user sees. */
    public List<Build> list(int limit, String team) throws CliException, InterruptedException {
        ListRequest request =
                ListRequest.newBuilder().setLimit(limit).setTeam(team).build();
        return call(() -> unary().list(request)).getBuildsList();
    }

    /** What would become of a build that was submitted now. */
    public List<SlicePlan> plan(BuildSpec spec) throws CliException, InterruptedException {
        PlanRequest request = PlanRequest.newBuilder().setSpec(spec).build();
        return call(() -> unary().plan(request)).getSlicesList();
    }

    public List<Agent> agents() throws CliException, InterruptedException {
        return call(() -> unary().listAgents(ListAgentsRequest.getDefaultInstance()))
                .getAgentsList();
    }

    /**
     * Follows the build to its end. Whenever the connection is lost, it is resumed, and followed from the last event on.
     */
    public Build watch(String buildId, WatchListener listener, Resumption resumption)
            throws CliException, InterruptedException {
        Watch watch = new Watch(stub, buildId, listener);
        int tries = 0;
        while (true) {
            try {
                if (tries > 0) {
                    watch.resume(resumption);
                }
                Optional<Build> end = watch.follow();
                if (end.isPresent()) {
                    return end.get();
                }
            } catch (StatusRuntimeException e) {
                stopIfInterrupted();
                if (!failures.isTransient(e)) {
                    throw failures.translate(e);
                }
            }
            tries = watch.takeUseful() ? 1 : tries + 1;
            if (tries > WATCH_TRIES * route.size()) {
                throw new CliException(
                        ExitCode.UNAVAILABLE,
                        "lost the coordinator at " + route + "; the build may go on there: see \"sheaf attach "
                                + watch.build() + "\"");
            }
            Duration pause = pause(1 + (tries - 1) / route.size());
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
                if (tries == CALL_TRIES * route.size() || !failures.isTransient(e)) {
                    throw failures.translate(e);
                }
                // The others of the list are tried at once.
                if (tries % route.size() == 0) {
                    sleeper.sleep(pause(tries / route.size()));
                }
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
        wires.channel().close();
        wires.loop().shutdownGracefully(0, 0, TimeUnit.MILLISECONDS).awaitUninterruptibly(CLOSE_MILLIS);
    }
}
