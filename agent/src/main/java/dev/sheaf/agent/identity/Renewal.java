package dev.sheaf.agent.identity;

import dev.sheaf.endpoint.tls.ClientKey;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the certificate fresh: asks for a new one after two thirds of its time, and until there is one. */
public final class Renewal {
    private static final Logger LOG = LoggerFactory.getLogger(Renewal.class);

    /** Between tries; also the longest sleep, as clocks are set and hosts are suspended. */
    private static final Duration PAUSE = Duration.ofSeconds(30);

    private final Function<FarmIdentity, FarmIdentity> farm;
    private final AgentState state;
    private final InstantSource clock;
    private final Sleeper sleeper;
    private volatile FarmIdentity identity;

    /** Waits. */
    @FunctionalInterface
    public interface Sleeper {
        /** So long. */
        void sleep(Duration time) throws InterruptedException;
    }

    /**
     * Begins with this identity.
     *
     * @param farm asks for a new certificate; throws StatusRuntimeException
     */
    public Renewal(
            FarmIdentity identity,
            Function<FarmIdentity, FarmIdentity> farm,
            AgentState state,
            InstantSource clock,
            Sleeper sleeper) {
        this.identity = identity;
        this.farm = farm;
        this.state = state;
        this.clock = clock;
        this.sleeper = sleeper;
    }

    /** The freshest. */
    public ClientKey key() {
        return identity.key();
    }

    /** Renews what has expired already, before anything else is tried. Throws StatusRuntimeException if it is refused. */
    public void awaitValid() throws InterruptedException {
        boolean told = false;
        while (!clock.instant().isBefore(identity.expires())) {
            if (!told) {
                LOG.info("the certificate expired at {}: asking the farm for a new one", identity.expires());
                told = true;
            }
            try {
                renew();
            } catch (StatusRuntimeException e) {
                if (isFinal(e)) {
                    throw e;
                }
                LOG.warn("no new certificate yet ({}); trying again", String.valueOf(e.getMessage()));
                sleeper.sleep(PAUSE);
            }
        }
    }

    /**
     * Renews again and again, until interrupted.
     *
     * @param renewed called after each
     */
    public void run(Runnable renewed) throws InterruptedException {
        boolean failing = false;
        while (true) {
            Duration wait = Duration.between(clock.instant(), identity.renewal());
            if (wait.isPositive()) {
                sleeper.sleep(wait.compareTo(PAUSE) < 0 ? wait : PAUSE);
                continue;
            }
            try {
                renew();
                failing = false;
                renewed.run();
            } catch (StatusRuntimeException e) {
                if (!failing) {
                    LOG.warn(
                            "no new certificate ({}); trying again until {}, when the old one ends, and after",
                            String.valueOf(e.getMessage()),
                            identity.expires());
                }
                failing = true;
                sleeper.sleep(PAUSE);
            }
        }
    }

    private void renew() {
        FarmIdentity fresh = farm.apply(identity);
        identity = fresh;
        Instant until = fresh.expires();
        try {
            state.store(fresh);
            LOG.info("the certificate was renewed, until {}", until);
        } catch (IOException e) {
            LOG.warn("the renewed certificate, until {}, cannot be kept for the next start: {}", until, e.toString());
        }
    }

    private static boolean isFinal(StatusRuntimeException failure) {
        return failure.getStatus().getCode() == Status.Code.PERMISSION_DENIED;
    }
}
