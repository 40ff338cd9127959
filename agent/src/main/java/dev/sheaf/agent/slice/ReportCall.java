package dev.sheaf.agent.slice;

import dev.sheaf.v1.AgentServiceGrpc.AgentServiceStub;
import dev.sheaf.v1.ReportRequest;
import dev.sheaf.v1.ReportResponse;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One Report call. What becomes of it is told to an owner, on gRPC's threads. */
final class ReportCall {
    /** Answers after which there is no use in calling again: all is received, or the lease is over. */
    private static final Set<Status.Code> FINAL = Set.of(
            Status.Code.OK, Status.Code.FAILED_PRECONDITION, Status.Code.NOT_FOUND, Status.Code.INVALID_ARGUMENT);

    /** Who makes the call. */
    interface Owner {
        /** The coordinator has kept all reports up to this number. */
        void confirmed(long number);

        /** The call has room, or has ended. */
        void changed();
    }

    private final Owner owner;
    private final ClientCallStreamObserver<ReportRequest> requests;
    private volatile boolean answered;
    private volatile @Nullable Status ended;

    ReportCall(AgentServiceStub coordinator, Owner owner) {
        this.owner = owner;
        this.requests = (ClientCallStreamObserver<ReportRequest>) coordinator.report(new Answer());
    }

    /** The coordinator has said what it has. */
    boolean isAnswered() {
        return answered;
    }

    boolean hasRoom() {
        return requests.isReady();
    }

    boolean isOver() {
        return ended != null;
    }

    /** Over, and there is no use in calling again. */
    boolean isFinal() {
        Status status = ended;
        return status != null && FINAL.contains(status.getCode());
    }

    void send(ReportRequest request) {
        requests.onNext(request);
    }

    /** Says that this was all. */
    void complete() {
        requests.onCompleted();
    }

    void cancel() {
        if (!isOver()) {
            requests.cancel("the attempt is over", null);
        }
    }

    private void end(Status status) {
        ended = status;
        owner.changed();
    }

    private final class Answer implements ClientResponseObserver<ReportRequest, ReportResponse> {
        @Override
        public void beforeStart(ClientCallStreamObserver<ReportRequest> stream) {
            stream.setOnReadyHandler(owner::changed);
        }

        @Override
        public void onNext(ReportResponse response) {
            owner.confirmed(response.getReceived());
            answered = true;
            owner.changed();
        }

        @Override
        public void onError(Throwable error) {
            end(Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            end(Status.OK);
        }
    }
}
