package dev.sheaf.coordinator.rpc.caller;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/** A call that another thread may end; what its service still says is dropped then. */
final class EndableCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
    @GuardedBy("this") private boolean closed;

    private volatile boolean ended;

    EndableCall(ServerCall<Q, A> call) {
        super(call);
    }

    synchronized void end(Status status) {
        if (!closed) {
            closed = true;
            ended = true;
            super.close(status, new Metadata());
        }
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
        if (!closed) {
            super.sendHeaders(headers);
        }
    }

    @Override
    public synchronized void sendMessage(A message) {
        if (!closed) {
            super.sendMessage(message);
        }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
        if (!closed) {
            closed = true;
            super.close(status, trailers);
        }
    }

    /** To the service a call that was ended is one whose caller went away. */
    @Override
    public boolean isCancelled() {
        return ended || super.isCancelled();
    }
}
