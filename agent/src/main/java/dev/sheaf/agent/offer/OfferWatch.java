package dev.sheaf.agent.offer;

import dev.sheaf.agent.engine.Engine;
import dev.sheaf.agent.engine.EngineReport;
import dev.sheaf.agent.host.HostProof;
import dev.sheaf.v1.AgentDescription;
import dev.sheaf.v1.Platform;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the offer true while the agent runs: engines go away and come back, and somebody may register an emulator. Only
 * what was found a moment ago is offered.
 */
public final class OfferWatch {
    private static final Logger LOG = LoggerFactory.getLogger(OfferWatch.class);
    /**
     * How often to look.
     *
     * @param well between looks at an engine that is well
     * @param pulse meanwhile it is asked this often whether it still answers: a build on an engine that hangs just waits
     * @param away between looks at an engine that is away: this is how long it idles after it came back
     */
    public record Rhythm(Duration well, Duration pulse, Duration away) {
        /** For real engines. */
        public static final Rhythm STANDARD =
                new Rhythm(Duration.ofSeconds(15), Duration.ofSeconds(3), Duration.ofSeconds(3));
    }

    private final Terms terms;
    private final Engine engine;
    private final Host host;
    private final Rhythm rhythm;
    private final Semaphore doubts = new Semaphore(0);
    private final ReentrantLock looking = new ReentrantLock();
    private volatile AgentDescription current;

    /** Looks at this machine. */
    @FunctionalInterface
    public interface Host {
        HostProof read() throws InterruptedException;
    }

    public OfferWatch(Terms terms, Engine engine, Host host, Rhythm rhythm) {
        this.rhythm = rhythm;
        this.terms = terms;
        this.engine = engine;
        this.host = host;
        this.current = AgentDescription.newBuilder()
                .setName(terms.name())
                .setSlots(terms.slots())
                .setVersion(terms.version())
                .setUnavailable("the engine was not looked at yet")
                .build();
    }

    /** What is offered now. */
    public AgentDescription current() {
        return current;
    }

    /**
     * Something failed that may be the engine's fault: looks at it before anybody hears of the failure, so that the slice
     * does not come straight back to an engine that is gone.
     */
    public void doubt() throws InterruptedException {
        looking.lockInterruptibly();
        try {
            // An engine that is known to be away needs no second look: one that hangs takes its time.
            if (current.getUnavailable().isEmpty() && look()) {
                doubts.release();
            }
        } finally {
            looking.unlock();
        }
    }

    /** Looks once, and says whether the offer has changed. */
    public boolean look() throws InterruptedException {
        looking.lockInterruptibly();
        try {
            EngineReport report = engine.probe();
            return offer(host.read(), report);
        } finally {
            looking.unlock();
        }
    }

    /**
     * Whether this machine proves the platform at this moment; what is to be emulated needs no proof. Asked twice, for a
     * machine that is overloaded may not start a program in time, and a slice that was built hangs on the answer.
     */
    public boolean proves(Platform platform, boolean emulated) throws InterruptedException {
        return emulated || Offer.proves(host.read(), platform) || Offer.proves(host.read(), platform);
    }

    private boolean offer(HostProof proof, EngineReport report) {
        AgentDescription before = current;
        AgentDescription now = Offer.of(terms, proof, report);
        current = now;
        if (now.equals(before)) {
            return false;
        }
        if (now.getUnavailable().isEmpty()) {
            LOG.info("{}; offers {}", now.getHost().getEngine(), Offer.platforms(now));
            if (!report.degraded().isEmpty()) {
                LOG.warn("DEGRADED: {}; {}", report.degraded(), EngineReport.UPGRADE);
            }
            Offer.ineffective(terms, proof, report).forEach(LOG::warn);
            Offer.withdrawn(before, now, proof).forEach(line -> LOG.warn("no longer offers {}", line));
        } else {
            LOG.warn("offers nothing: {}", now.getUnavailable());
        }
        return true;
    }

    /** Looks again and again, until interrupted. */
    public void run(Runnable changed) throws InterruptedException {
        while (true) {
            if (awaitDoubt() || look()) {
                changed.run();
            }
        }
    }

    /** Waits until it is time to look; true: somebody else looked, and found a change. */
    private boolean awaitDoubt() throws InterruptedException {
        if (!current.getUnavailable().isEmpty()) {
            return doubted(rhythm.away());
        }
        for (Duration waited = Duration.ZERO;
                waited.compareTo(rhythm.well()) < 0;
                waited = waited.plus(rhythm.pulse())) {
            if (doubted(rhythm.pulse())) {
                return true;
            }
            if (!engine.answers()) {
                return false;
            }
        }
        return false;
    }

    private boolean doubted(Duration pause) throws InterruptedException {
        boolean doubted = doubts.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
        doubts.drainPermits();
        return doubted;
    }
}
