package dev.sheaf.endpoint.route;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sheaf.endpoint.FarmAddress;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.function.Function;

/**
 * A channel whose calls go where a route leads: each call to one coordinator, from its start to its end. One connection
 * is open at a time; calls that are under way on an earlier one end there.
 */
public final class FarmChannel extends Channel implements AutoCloseable {
    private final FarmRoute route;
    private final Function<FarmAddress, ManagedChannel> opener;

    @GuardedBy("this") private FarmAddress address;

    @GuardedBy("this") private ManagedChannel channel;

    /** Several channels may share a route: what one learns the others follow. */
    public FarmChannel(FarmRoute route, Function<FarmAddress, ManagedChannel> opener) {
        this.route = route;
        this.opener = opener;
        this.address = route.current();
        this.channel = opener.apply(address);
    }

    @Override
    public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
        Connection to = follow();
        return new SimpleForwardingClientCall<>(to.channel().newCall(method, options)) {
            @Override
            public void start(Listener<A> listener, Metadata headers) {
                super.start(
                        new SimpleForwardingClientCallListener<>(listener) {
                            @Override
                            public void onClose(Status status, Metadata trailers) {
                                ended(to, status);
                                super.onClose(status, trailers);
                            }
                        },
                        headers);
            }
        };
    }

    private record Connection(FarmAddress address, ManagedChannel channel) {}

    private synchronized Connection follow() {
        FarmAddress wanted = route.current();
        if (!wanted.equals(address) && !channel.isShutdown()) {
            channel.shutdown();
            channel = opener.apply(wanted);
            address = wanted;
        }
        return new Connection(address, channel);
    }

    /** Later calls go over a new connection; those that are under way end on the old one. */
    public synchronized void reconnect() {
        if (!channel.isShutdown()) {
            channel.shutdown();
            channel = opener.apply(address);
        }
    }

    private void ended(Connection connection, Status status) {
        route.ended(connection.address(), status);
        if (status.getCode() == Status.Code.UNAVAILABLE) {
            // Whoever calls again has paused as long as it wants to: gRPC's own pauses grow to minutes.
            connection.channel().resetConnectBackoff();
        }
    }

    @Override
    public synchronized String authority() {
        return String.valueOf(channel.authority());
    }

    /** Ends the connection, and what is under way on it. */
    @Override
    public synchronized void close() {
        channel.shutdownNow();
    }
}
