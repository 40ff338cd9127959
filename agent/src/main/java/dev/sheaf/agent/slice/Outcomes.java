package dev.sheaf.agent.slice;

import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.Failure;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.Outcome;

/** Makes outcomes of the kinds that the agent itself can tell. */
final class Outcomes {
    private Outcomes() {}

    static Outcome infrastructure(Assignment assignment, String message) {
        return failed(FailureClass.FAILURE_CLASS_INFRASTRUCTURE, assignment, message);
    }

    static Outcome failed(FailureClass kind, Assignment assignment, String message) {
        return failed(Failure.newBuilder()
                .setKind(kind)
                .setMessage(message)
                .setPlatform(assignment.getLease().getPlatform())
                .build());
    }

    static Outcome failed(Failure failure) {
        return Outcome.newBuilder().setFailed(failure).build();
    }
}
