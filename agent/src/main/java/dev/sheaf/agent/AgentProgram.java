package dev.sheaf.agent;

import dev.sheaf.agent.context.FetchedFiles;
import dev.sheaf.agent.engine.Engine;
import dev.sheaf.agent.offer.Offer;
import dev.sheaf.agent.offer.OfferWatch;
import dev.sheaf.agent.offer.Terms;
import dev.sheaf.agent.session.Incarnation;
import dev.sheaf.agent.session.Session;
import dev.sheaf.agent.session.Timing;
import dev.sheaf.agent.slice.EngineSlices;
import dev.sheaf.agent.slice.LoggedRunner;
import dev.sheaf.agent.slice.ProvedOnly;
import dev.sheaf.agent.slice.ReportStream;
import dev.sheaf.agent.slice.SliceRunner;
import dev.sheaf.agent.slice.TimeLimit;
import dev.sheaf.agent.slice.smoke.SmokeTest;
import dev.sheaf.v1.AgentServiceGrpc;
import dev.sheaf.v1.ContextStoreGrpc;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.Outcome;
import io.grpc.Channel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running agent: its parts put together, and their end. */
final class AgentProgram {
    private static final Logger LOG = LoggerFactory.getLogger(AgentProgram.class);

    /** EX_NOPERM of sysexits.h: starting anew does not help. */
    private static final int REFUSED = 77;

    private final Channel channel;
    private final Channel bulk;
    private final Engine engine;
    private final Settings settings;
    private final LongSupplier nanoTime;
    private final RandomGenerator dice;

    /**
     * The ways to the coordinator.
     *
     * @param control renewals: nothing else may stand before them on the wire
     * @param bulk output and files, as much as the link carries
     */
    record Channels(Channel control, Channel bulk) {}

    /**
     * What the operator chose.
     *
     * @param drainTime how long running slices may go on after the first wish to stop; the second ends them at once
     */
    record Settings(Terms terms, Timing timing, Duration timeLimit, Duration drainTime, Incarnation incarnation) {}

    /** Where the wishes to stop come from. */
    @FunctionalInterface
    interface StopWishes {
        /** Runs the action at each of them. */
        void each(Runnable action);
    }

    AgentProgram(Channels channels, Engine engine, Settings settings, LongSupplier nanoTime, RandomGenerator dice) {
        this.channel = channels.control();
        this.bulk = channels.bulk();
        this.engine = engine;
        this.settings = settings;
        this.nanoTime = nanoTime;
        this.dice = dice;
    }

    /** Runs until it is told to stop, and has. */
    int run(OfferWatch.Host host, StopWishes stops) throws InterruptedException {
        OfferWatch watch = new OfferWatch(settings.terms(), engine, host, OfferWatch.Rhythm.STANDARD);
        watch.look();
        try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("time-limit").factory())) {
            Session session = new Session(
                    AgentServiceGrpc.newFutureStub(channel),
                    runner(watch, timer),
                    watch::current,
                    new Session.Voice(settings.incarnation(), settings.timing(), nanoTime, dice));
            Thread watcher = Thread.ofVirtual().name("offer-watch").start(() -> watch(watch, session));
            AtomicBoolean stopping = new AtomicBoolean();
            stops.each(() -> stop(session, stopping.getAndSet(true)));
            LOG.info(
                    "agent {} speaks with the coordinator at {}",
                    settings.terms().name(),
                    channel.authority());
            try {
                session.run();
            } finally {
                watcher.interrupt();
                timer.shutdownNow();
            }
            Optional<String> refusal = session.refusal();
            if (refusal.isPresent()) {
                LOG.error("the farm refuses this agent: {}", refusal.get());
                return REFUSED;
            }
            LOG.info("stopped");
            return 0;
        }
    }

    private SliceRunner runner(OfferWatch watch, ScheduledExecutorService timer) {
        var contexts = ContextStoreGrpc.newBlockingV2Stub(bulk);
        var reports = AgentServiceGrpc.newStub(bulk);
        SliceRunner runner = new EngineSlices(
                engine,
                (lease, tree) -> FetchedFiles.open(contexts, lease, tree),
                lease -> new ReportStream(reports, lease),
                new SmokeTest(engine, settings.terms().name(), timer));
        runner = new TimeLimit(runner, settings.timeLimit(), timer);
        runner = new ProvedOnly(
                runner, (platform, emulated) -> Offer.offers(watch.current(), platform, emulated), watch::proves);
        return doubting(new LoggedRunner(runner, nanoTime), watch);
    }

    /** A failure that is ours may be the engine's: it is looked at again before the next slice comes. */
    private static SliceRunner doubting(SliceRunner inner, OfferWatch watch) {
        return assignment -> {
            Outcome outcome = inner.run(assignment);
            if (outcome.getFailed().getKind() == FailureClass.FAILURE_CLASS_INFRASTRUCTURE) {
                watch.doubt();
            }
            return outcome;
        };
    }

    private static void watch(OfferWatch watch, Session session) {
        try {
            watch.run(session::news);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void stop(Session session, boolean again) {
        if (again) {
            LOG.info("stopping at once: what runs is handed back");
            session.drain(Duration.ZERO);
        } else {
            LOG.info(
                    "stopping: takes nothing new, what runs may go on for {} s; a second signal stops it at once",
                    settings.drainTime().toSeconds());
            session.drain(settings.drainTime());
        }
    }
}
