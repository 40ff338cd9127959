package dev.sheaf.coordinator.rpc.caller;

import dev.sheaf.coordinator.identity.DeniedException;
import io.grpc.Status;

/** What a caller hears that may not do what it wants. */
public final class Denials {
    private Denials() {}

    /** The code says whether a new certificate or token may help. */
    public static Status status(DeniedException denied) {
        Status status = switch (denied.kind()) {
            case UNAUTHENTICATED -> Status.UNAUTHENTICATED;
            case FORBIDDEN -> Status.PERMISSION_DENIED;
            case THROTTLED -> Status.RESOURCE_EXHAUSTED;
        };
        return status.withDescription(denied.getMessage());
    }
}
