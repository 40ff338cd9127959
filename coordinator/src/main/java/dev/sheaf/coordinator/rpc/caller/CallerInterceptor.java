package dev.sheaf.coordinator.rpc.caller;

import dev.sheaf.coordinator.identity.Access;
import dev.sheaf.coordinator.identity.Caller;
import dev.sheaf.coordinator.identity.DeniedException;
import dev.sheaf.coordinator.identity.Gate;
import dev.sheaf.coordinator.store.StoreException;
import dev.sheaf.endpoint.FarmAddress;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Says who calls, and refuses who may not. Looks at the connection's certificate and the one "authorization" entry; no
 * other metadata and no message says who a caller is.
 */
public final class CallerInterceptor implements ServerInterceptor {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final Gate gate;
    private final LiveCalls calls;

    public CallerInterceptor(Gate gate, LiveCalls calls) {
        this.gate = gate;
        this.calls = calls;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        try {
            Peer peer = peer(call, headers);
            Access.require(call.getMethodDescriptor().getFullMethodName(), peer.caller());
            Context context = Context.current().withValue(Peer.KEY, peer);
            return switch (peer.caller()) {
                case Caller.Agent agent -> endable(agent.name(), context, call, headers, next);
                case Caller.User _, Caller.Local _, Caller.Nobody _ ->
                    Contexts.interceptCall(context, call, headers, next);
            };
        } catch (DeniedException e) {
            return refuse(call, Denials.status(e));
        } catch (StoreException e) {
            return refuse(call, Status.UNAVAILABLE.withDescription(e.getMessage()));
        }
    }

    private static <Q, A> ServerCall.Listener<Q> refuse(ServerCall<Q, A> call, Status status) {
        call.close(status, new Metadata());
        return new ServerCall.Listener<>() {};
    }

    private <Q, A> ServerCall.Listener<Q> endable(
            String agent, Context context, ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next)
            throws DeniedException {
        EndableCall<Q, A> endable = new EndableCall<>(call);
        calls.begin(agent, endable);
        try {
            // Revoked between the first look and now: nobody would end this call.
            peer(call, headers);
        } catch (DeniedException | StoreException e) {
            calls.over(agent, endable);
            throw e;
        }
        return new SimpleForwardingServerCallListener<>(Contexts.interceptCall(context, endable, headers, next)) {
            @Override
            public void onComplete() {
                calls.over(agent, endable);
                super.onComplete();
            }

            @Override
            public void onCancel() {
                calls.over(agent, endable);
                super.onCancel();
            }
        };
    }

    private Peer peer(ServerCall<?, ?> call, Metadata headers) throws DeniedException {
        SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        InetSocketAddress remote =
                call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress known
                        ? known
                        : null;
        String host = remote == null ? "" : remote.getAddress().getHostAddress();
        Gate.Evidence evidence = new Gate.Evidence(session != null, certificate(session), authorization(headers), host);
        return new Peer(
                gate.identify(evidence),
                host,
                remote == null ? "" : new FarmAddress(bare(host), remote.getPort()).toString());
    }

    /** Without the name of an interface, which addresses of one link carry. */
    private static String bare(String host) {
        int zone = host.indexOf('%');
        return zone < 0 ? host : host.substring(0, zone);
    }

    private static List<String> authorization(Metadata headers) {
        List<String> values = new ArrayList<>();
        Iterable<String> all = headers.getAll(AUTHORIZATION);
        if (all != null) {
            all.forEach(values::add);
        }
        return values;
    }

    private static Optional<X509Certificate> certificate(@Nullable SSLSession session) {
        if (session == null) {
            return Optional.empty();
        }
        try {
            return session.getPeerCertificates()[0] instanceof X509Certificate certificate
                    ? Optional.of(certificate)
                    : Optional.empty();
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty(); // none was shown
        }
    }
}
