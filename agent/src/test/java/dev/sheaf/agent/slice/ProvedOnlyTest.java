package dev.sheaf.agent.slice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.Failure;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.LeaseRef;
import dev.sheaf.v1.Outcome;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.Pushed;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ProvedOnlyTest {
    private static final Outcome PUSHED = Outcome.newBuilder()
            .setPushed(Pushed.newBuilder().setDigest("sha256:1"))
            .build();
    private static final Outcome USERS = Outcome.newBuilder()
            .setFailed(Failure.newBuilder().setKind(FailureClass.FAILURE_CLASS_USER))
            .build();

    private final List<Assignment> built = new ArrayList<>();
    private boolean isOffered = true;
    private boolean isProved = true;

    @Test
    void run_provedThroughout_isTheResult() throws InterruptedException {
        assertThat(run(PUSHED, false)).isEqualTo(PUSHED);
    }

    @Test
    void run_notOffered_buildsNothing() throws InterruptedException {
        isOffered = false;

        refused(run(PUSHED, false), "does not offer linux/386 now; nothing was built");
        assertThat(built).isEmpty();
    }

    @Test
    void run_offeredAMomentAgoAndNotProvedNow_buildsNothing() throws InterruptedException {
        isProved = false;

        refused(run(PUSHED, false), "does not offer linux/386 now; nothing was built");
        assertThat(built).isEmpty();
    }

    @Test
    void run_proofLostMeanwhile_resultIsNotUsed() throws InterruptedException {
        Outcome outcome = new ProvedOnly(
                        assignment -> {
                            isProved = false;
                            return PUSHED;
                        },
                        (_, _) -> isOffered,
                        (_, _) -> isProved)
                .run(assignment(false));

        refused(outcome, "stopped offering linux/386 while the slice was built; its result is not used");
    }

    @Test
    void run_offerIsWithdrawnMeanwhileForAnotherReason_resultIsUsed() throws InterruptedException {
        Outcome outcome = new ProvedOnly(
                        assignment -> {
                            isOffered = false;
                            return PUSHED;
                        },
                        (_, _) -> isOffered,
                        (_, _) -> isProved)
                .run(assignment(false));

        assertThat(outcome).isEqualTo(PUSHED);
    }

    @Test
    void run_givenAsEmulated_isAskedForAsThat() throws InterruptedException {
        ProvedOnly gate = new ProvedOnly(_ -> PUSHED, (_, emulated) -> !emulated, (_, _) -> true);

        refused(gate.run(assignment(true)), "does not offer linux/386 (EMULATED) now");
        assertThat(gate.run(assignment(false))).isEqualTo(PUSHED);
    }

    @Test
    void run_failureOfTheUser_staysWhatItIs() throws InterruptedException {
        assertThat(run(USERS, false)).isEqualTo(USERS);
    }

    private Outcome run(Outcome outcome, boolean emulated) throws InterruptedException {
        return new ProvedOnly(
                        assignment -> {
                            built.add(assignment);
                            return outcome;
                        },
                        (_, _) -> isOffered,
                        (_, _) -> isProved)
                .run(assignment(emulated));
    }

    private static Assignment assignment(boolean emulated) {
        return Assignment.newBuilder()
                .setLease(LeaseRef.newBuilder()
                        .setBuildId("b")
                        .setPlatform("linux/386")
                        .setFence(1))
                .setPlatform(Platform.newBuilder().setOs("linux").setArchitecture("386"))
                .setEmulated(emulated)
                .build();
    }

    private static void refused(Outcome outcome, String why) {
        assertThat(outcome.getFailed().getKind()).isEqualTo(FailureClass.FAILURE_CLASS_INFRASTRUCTURE);
        assertThat(outcome.getFailed().getMessage()).contains(why);
    }
}
