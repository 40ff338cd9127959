package dev.sheaf.coordinator.rpc;

import dev.sheaf.coordinator.context.DiskFullException;
import dev.sheaf.coordinator.context.MissingBlobException;
import dev.sheaf.coordinator.context.QuotaExceededException;
import dev.sheaf.coordinator.context.WrongContentException;
import dev.sheaf.coordinator.identity.DeniedException;
import dev.sheaf.coordinator.queue.api.RefusedException;
import dev.sheaf.coordinator.rpc.caller.Denials;
import dev.sheaf.coordinator.store.StoreException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a caller hears of a failure: a code that tells it whether to try again, and one line. Never a stack trace. */
final class Statuses {
    private static final Logger LOG = LoggerFactory.getLogger(Statuses.class);

    private Statuses() {}

    /** Answers a call with one message. */
    static <T> void answer(StreamObserver<T> observer, Callable<T> work) {
        T answer;
        try {
            answer = work.call();
        } catch (Exception e) {
            observer.onError(of(e).asException());
            return;
        }
        observer.onNext(answer);
        observer.onCompleted();
    }

    static Status of(Exception failure) {
        String message = String.valueOf(failure.getMessage());
        return switch (failure) {
            case StatusException status -> status.getStatus();
            case DeniedException denied -> Denials.status(denied);
            case IllegalArgumentException _ -> Status.INVALID_ARGUMENT.withDescription(message);
            case WrongContentException _ -> Status.INVALID_ARGUMENT.withDescription(message);
            case QuotaExceededException _ -> Status.RESOURCE_EXHAUSTED.withDescription(message);
            case DiskFullException _ -> {
                LOG.error("{}", message);
                yield Status.INTERNAL.withDescription(message);
            }
            case MissingBlobException _ -> Status.NOT_FOUND.withDescription(message);
            case RefusedException refused -> refused(refused).withDescription(message);
            case StoreException store -> unavailable(store).withDescription(message);
            case RejectedExecutionException _ ->
                Status.UNAVAILABLE.withDescription("this coordinator is about to stop; call again");
            case InterruptedException _ ->
                Status.UNAVAILABLE.withDescription("the coordinator stopped working on this call; call again");
            case Exception _ -> {
                LOG.error("a call failed in a way that it should not", failure);
                yield Status.INTERNAL.withDescription("the coordinator failed on this call; its log says why");
            }
        };
    }

    static StatusException notFound(String message) {
        return Status.NOT_FOUND.withDescription(message).asException();
    }

    static StatusException leaseIsNotLive(Object lease) {
        return Status.FAILED_PRECONDITION
                .withDescription("the lease of " + lease + " is not live; stop this attempt")
                .asException();
    }

    private static Status unavailable(StoreException store) {
        return switch (store.kind()) {
            case UNAVAILABLE, SUPERSEDED -> Status.UNAVAILABLE;
            case IN_USE, BROKEN -> Status.INTERNAL;
        };
    }

    private static Status refused(RefusedException refused) {
        return switch (refused.reason()) {
            case NO_AGENT -> Status.FAILED_PRECONDITION;
            case LIMIT_REACHED -> Status.RESOURCE_EXHAUSTED;
            case KEY_REUSED, NOT_BUILT -> Status.INVALID_ARGUMENT;
            case NAME_IN_USE -> Status.ALREADY_EXISTS;
        };
    }
}
