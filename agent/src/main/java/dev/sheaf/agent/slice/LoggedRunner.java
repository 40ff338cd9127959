package dev.sheaf.agent.slice;

import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.Outcome;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes when an attempt begins and how it ends; an unexpected exception becomes an infrastructure failure here. */
public final class LoggedRunner implements SliceRunner {
    private static final Logger LOG = LoggerFactory.getLogger(LoggedRunner.class);

    private final SliceRunner inner;
    private final LongSupplier nanoTime;

    public LoggedRunner(SliceRunner inner, LongSupplier nanoTime) {
        this.inner = inner;
        this.nanoTime = nanoTime;
    }

    @Override
    public Outcome run(Assignment assignment) throws InterruptedException {
        String name = "build " + assignment.getLease().getBuildId() + " "
                + assignment.getLease().getPlatform() + " attempt " + assignment.getAttempt();
        long start = nanoTime.getAsLong();
        LOG.info("{} starts", name);
        try {
            Outcome outcome = inner.run(assignment);
            LOG.info("{} {} after {} ms", name, text(outcome), millisSince(start));
            return outcome;
        } catch (InterruptedException e) {
            LOG.info("{} was stopped after {} ms", name, millisSince(start));
            throw e;
        } catch (RuntimeException e) {
            LOG.error("{} broke the agent's own code", name, e);
            return Outcomes.infrastructure(
                    assignment, "the agent failed: " + e.getClass().getSimpleName() + "; its log says more");
        }
    }

    private long millisSince(long start) {
        return TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - start);
    }

    private static String text(Outcome outcome) {
        return switch (outcome.getOutcomeCase()) {
            case PUSHED -> "built " + outcome.getPushed().getDigest();
            case FAILED ->
                "failed (" + outcome.getFailed().getKind() + "): "
                        + outcome.getFailed().getMessage();
            case STOPPED -> "stopped: " + outcome.getStopped().getReason();
            case OUTCOME_NOT_SET -> "ended without an outcome";
        };
    }
}
