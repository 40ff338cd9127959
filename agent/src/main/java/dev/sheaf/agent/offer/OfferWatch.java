package dev.sheaf.agent.offer;

import dev.sheaf.agent.engine.Engine;
import dev.sheaf.agent.engine.EngineReport;
import dev.sheaf.agent.host.HostProof;
import dev.sheaf.v1.AgentDescription;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the offer true while the agent runs: engines go away and come back, and somebody may register an emulator. Only
 * what was found a moment ago is offered.
 */
public final class OfferWatch {
    private static final Logger LOG = LoggerFactory.getLogger(OfferWatch.class);
    /** Between looks at an engine that is well: its builds would fail at once anyway. */
    private static final Duration WELL = Duration.ofSeconds(15);
    /** Between looks at one that is away: this is how long it idles after it came back. */
    private static final Duration AWAY = Duration.ofSeconds(3);

    private final Terms terms;
    private final Engine engine;
    private final Host host;
    private final Semaphore doubts = new Semaphore(0);
    private volatile AgentDescription current;

    /** Looks at this machine. */
    @FunctionalInterface
    public interface Host {
        HostProof read() throws InterruptedException;
    }

    public OfferWatch(Terms terms, Engine engine, Host host) {
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

    /** Something failed that may be the engine's fault: look again soon. */
    public void doubt() {
        doubts.release();
    }

    /** Looks once, and says whether the offer has changed. */
    public boolean look() throws InterruptedException {
        AgentDescription before = current;
        EngineReport report = engine.probe();
        AgentDescription now = Offer.of(terms, host.read(), report);
        current = now;
        if (now.equals(before)) {
            return false;
        }
        if (now.getUnavailable().isEmpty()) {
            LOG.info("{}; offers {}", now.getEngine(), Offer.platforms(now));
        } else {
            LOG.warn("offers nothing: {}", now.getUnavailable());
        }
        return true;
    }

    /** Looks again and again, until interrupted. */
    public void run(Runnable changed) throws InterruptedException {
        while (true) {
            Duration pause = current.getUnavailable().isEmpty() ? WELL : AWAY;
            if (doubts.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                doubts.drainPermits();
            }
            if (look()) {
                changed.run();
            }
        }
    }
}
