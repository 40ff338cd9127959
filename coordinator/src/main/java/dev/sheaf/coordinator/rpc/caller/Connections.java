package dev.sheaf.coordinator.rpc.caller;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import org.jspecify.annotations.Nullable;

/**
 * Notices the end of callers' connections. A process that is killed between two calls leaves no other sign; without it
 * its successor would wait until it counts as silent.
 */
public final class Connections extends ServerTransportFilter implements ServerInterceptor {
    private static final Context.Key<Connection> CURRENT = Context.key("connection");

    private final Attributes.Key<Connection> attribute = Attributes.Key.create("connection");

    /** One caller's connection. */
    private static final class Connection {
        @GuardedBy("this") private @Nullable Runnable uponEnd;

        @GuardedBy("this") private boolean isOver;

        void uponEnd(Runnable action) {
            synchronized (this) {
                if (!isOver) {
                    uponEnd = action;
                    return;
                }
            }
            action.run();
        }

        void end() {
            Runnable action;
            synchronized (this) {
                isOver = true;
                action = uponEnd;
                uponEnd = null;
            }
            if (action != null) {
                action.run();
            }
        }
    }

    /** Runs this when the connection of the call that is served by this thread ends; in place of what was to run. */
    public static void uponEnd(Runnable action) {
        Connection connection = CURRENT.get();
        if (connection != null) {
            connection.uponEnd(action);
        }
    }

    @Override
    public Attributes transportReady(Attributes attributes) {
        return attributes.toBuilder().set(attribute, new Connection()).build();
    }

    @Override
    public void transportTerminated(@Nullable Attributes attributes) {
        Connection connection = attributes == null ? null : attributes.get(attribute);
        if (connection != null) {
            connection.end();
        }
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        Connection connection = call.getAttributes().get(attribute);
        return connection == null
                ? next.startCall(call, headers)
                : Contexts.interceptCall(Context.current().withValue(CURRENT, connection), call, headers, next);
    }
}
