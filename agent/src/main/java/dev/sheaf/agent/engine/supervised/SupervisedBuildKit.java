package dev.sheaf.agent.engine.supervised;

import dev.sheaf.agent.engine.Engine;
import dev.sheaf.agent.engine.EngineReport;
import dev.sheaf.agent.engine.Engines;
import dev.sheaf.agent.engine.SolveFailure;
import dev.sheaf.agent.engine.SolveListener;
import dev.sheaf.agent.engine.SolveRequest;
import dev.sheaf.agent.engine.SolveResult;
import dev.sheaf.agent.engine.channel.EngineAddress;
import dev.sheaf.agent.engine.channel.Reach;
import dev.sheaf.agent.engine.docker.DockerFacts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A BuildKit in a container of a Docker Engine, whose own BuildKit may be old or bound to the classic store. Each look at
 * the engine is a look at the container too: one that ended or hangs is removed, with all that ran and was mounted in it,
 * and another is started, with growing pauses if that does not last. Builds speak with it as with any buildkitd.
 */
public final class SupervisedBuildKit implements Engine {

    private static final Logger log = LoggerFactory.getLogger(SupervisedBuildKit.class);

    /** A Unix socket's path has 107 at most, "/buildkitd.sock" included. */
    private static final int MAX_DIRECTORY_CHARACTERS = 90;

    private static final Duration BETWEEN_TRIES = Duration.ofMillis(200);

    private final EngineAddress docker;
    private final Wish wish;
    private final Engines.Patience patience;
    private final InstantSource clock;
    private final Container container;
    private final Engine buildKit;
    private final ReentrantLock looking = new ReentrantLock();
    private Restarts restarts = Restarts.NONE;
    private @Nullable String id;

    /**
     * What is to run.
     *
     * @param image with a buildkitd as its entry point, at hand in the Docker Engine
     * @param owner the agent; what an earlier process of it left is removed
     * @param directory shared with the container, for its socket; this process's own, on the engine's machine
     * @param volume where its cache outlives it. Empty: it does not
     * @param insecureRegistries registry hosts besides loopback that are spoken to without TLS
     */
    public record Wish(
            String image, String owner, Path directory, Optional<String> volume, Set<String> insecureRegistries) {}

    private SupervisedBuildKit(EngineAddress docker, Wish wish, Engines.Patience patience, Engines.Owner owner) {
        this.docker = docker;
        this.wish = wish;
        this.patience = patience;
        this.clock = owner.clock();
        this.container = new Container(docker.path(), wish, patience.answer());
        this.buildKit = Engines.open("unix://" + container.socket(), wish.insecureRegistries(), patience, owner);
    }

    /**
     * Opens it; nothing is started before the first look.
     *
     * @param docker the address of a Docker Engine on this machine
     * @throws IllegalArgumentException if that is none; the message is for people
     */
    public static SupervisedBuildKit open(String docker, Wish wish, Engines.Patience patience, Engines.Owner owner) {
        EngineAddress address = EngineAddress.parse(docker);
        if (address.isPort()) {
            throw new IllegalArgumentException("--buildkit-image needs a Docker Engine, and \"" + docker
                    + "\" is a BuildKit; leave one of them out");
        }
        if (wish.directory().toString().length() > MAX_DIRECTORY_CHARACTERS) {
            throw new IllegalArgumentException(
                    wish.directory() + " is too long a path for a socket in it; name a shorter" + " --state");
        }
        return new SupervisedBuildKit(address, wish, patience, owner);
    }

    @Override
    public boolean answers() {
        return buildKit.answers();
    }

    @Override
    public EngineReport probe() throws InterruptedException {
        looking.lockInterruptibly();
        try {
            EngineAddress known = Reach.identify(docker, patience.answer());
            if (known.kind() != EngineAddress.Kind.DOCKER) {
                return unfit(known.text() + " is a BuildKit and no Docker Engine; leave --buildkit-image out");
            }
            return look(DockerFacts.ask(docker.path(), patience.answer()));
        } catch (IOException e) {
            return unfit(String.valueOf(e.getMessage()));
        } finally {
            looking.unlock();
        }
    }

    @Override
    public SolveResult solve(SolveRequest request, SolveListener listener) throws SolveFailure, InterruptedException {
        return buildKit.solve(request, listener);
    }

    /** Ends the container as well; its cache stays, if it has a volume. */
    @Override
    public void close() {
        buildKit.close();
        looking.lock();
        try {
            if (id != null) {
                container.stop(id);
            }
        } catch (IOException e) {
            log.warn("{}; the container is removed when the agent starts again", e.getMessage());
        } finally {
            looking.unlock();
        }
    }

    private EngineReport look(DockerFacts facts) throws IOException, InterruptedException {
        if (id == null) {
            return start(facts, "");
        }
        return switch (container.state(id)) {
            case Container.State.Runs() -> {
                EngineReport report = buildKit.probe();
                if (!report.usable()) {
                    // Its builds have failed by now. Nobody waits for one that hangs.
                    log.warn("removes the BuildKit container: {}", report.problem());
                    container.remove(id);
                    id = null;
                }
                yield described(report, facts);
            }
            case Container.State.Gone() -> {
                id = null;
                yield start(facts, "it was removed");
            }
            case Container.State.Ended(String why) -> start(facts, why);
        };
    }

    /** Starts one, unless it is too early; whatever bears this agent's name goes first. */
    private EngineReport start(DockerFacts facts, String ended) throws IOException, InterruptedException {
        Instant now = clock.instant();
        Duration pause = restarts.pause(now);
        if (!pause.isZero()) {
            return unfit("the BuildKit container ended (" + (ended.isEmpty() ? "it was unfit" : ended)
                    + ") and is started again in " + Math.max(1, pause.toSeconds()) + " s; look into its log");
        }
        if (!ended.isEmpty()) {
            log.warn("the BuildKit container ended ({}); starting it again", ended);
        }
        if (id != null) {
            container.remove(id);
            id = null;
        }
        container.sweep();
        restarts = restarts.started(now);
        String started = container.start();
        id = started;
        return described(await(started, now.plus(patience.trial())), facts);
    }

    private EngineReport await(String started, Instant end) throws IOException, InterruptedException {
        while (true) {
            EngineReport report = buildKit.probe();
            if (report.usable() || clock.instant().isAfter(end)) {
                return report;
            }
            if (container.state(started) instanceof Container.State.Ended(String why)) {
                return unfit("the BuildKit container ended (" + why + "); see that " + wish.image()
                        + " runs a buildkitd and that this Docker Engine may run it privileged");
            }
            pause(BETWEEN_TRIES);
        }
    }

    private static void pause(Duration time) throws InterruptedException {
        var _ = new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** As it is, and where. */
    private EngineReport described(EngineReport report, DockerFacts facts) {
        EngineReport.Facts inside = report.facts();
        return new EngineReport(
                (inside.answers() ? report.description() : "BuildKit") + " in a container of Docker Engine "
                        + facts.version() + " (" + wish.image() + ")",
                new EngineReport.Facts(
                        inside.answers(), facts.version(), inside.buildKit(), EngineReport.Store.NONE, facts.data()),
                report.platforms(),
                report.problem());
    }

    private EngineReport unfit(String problem) {
        return new EngineReport(docker.text(), EngineReport.Facts.NONE, List.of(), problem);
    }
}
