package dev.sheaf.coordinator.identity.pki;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the coordinator's certificate fresh while it runs: one of ours is made anew in its last third, files of the
 * operator's are read again. What cannot be used is said once, and what was shown before is shown on.
 */
public final class CertificateWatch {
    /** Between two looks at the files. */
    public static final Duration INTERVAL = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);

    private final Source source;
    private final InstantSource clock;
    private final Consumer<ServerIdentity> door;
    private ServerIdentity shown;
    private String complaint = "";

    /** Where the certificate comes from, each time anew. */
    @FunctionalInterface
    public interface Source {
        /** Throws IllegalArgumentException with one sentence about a file that is not as it should be. */
        ServerIdentity load(Instant now) throws IOException;
    }

    /**
     * A watch that has not looked yet.
     *
     * @param shown to callers now
     * @param door is given what callers should be shown from then on
     */
    public CertificateWatch(Source source, InstantSource clock, ServerIdentity shown, Consumer<ServerIdentity> door) {
        this.source = source;
        this.clock = clock;
        this.shown = shown;
        this.door = door;
    }

    /** Lets time pass in between. */
    @FunctionalInterface
    public interface Sleeper {
        void sleep(Duration time) throws InterruptedException;
    }

    /** Looks again and again, until it is interrupted. */
    public void run(Sleeper sleeper) {
        try {
            while (true) {
                sleeper.sleep(INTERVAL);
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the process ends
        }
    }

    /** Looks once. */
    public void look() {
        try {
            ServerIdentity found = source.load(clock.instant());
            if (!isOfTheSameAuthorities(found)) {
                complain("its authority is another, which tokens and agents do not know: to use it, start the"
                        + " coordinator anew");
            } else if (!found.chain().equals(shown.chain())) {
                door.accept(found);
                shown = found;
                complaint = "";
                LOG.info("a new server certificate is shown from now on, which holds until {}", end());
            }
        } catch (IOException | RuntimeException e) {
            complain(String.valueOf(e.getMessage()));
        }
    }

    private boolean isOfTheSameAuthorities(ServerIdentity found) {
        return found.pin().equals(shown.pin())
                && found.agents().certificate().equals(shown.agents().certificate());
    }

    private void complain(String why) {
        if (!why.equals(complaint)) {
            complaint = why;
            LOG.warn("the server certificate in the files is not used, the one until {} goes on: {}", end(), why);
        }
    }

    private Instant end() {
        return shown.chain().getFirst().getNotAfter().toInstant();
    }
}
