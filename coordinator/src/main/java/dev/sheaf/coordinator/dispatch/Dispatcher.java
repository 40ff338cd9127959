package dev.sheaf.coordinator.dispatch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sheaf.coordinator.agents.AgentSnapshot;
import dev.sheaf.coordinator.agents.SyncAnswer;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildRequest.Stitching;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.dispatch.time.FarmClock;
import dev.sheaf.coordinator.queue.BuildQueue;
import dev.sheaf.coordinator.queue.api.Effect;
import dev.sheaf.coordinator.queue.api.Forecast;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.queue.api.RefusedException;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.coordinator.store.Store;
import dev.sheaf.coordinator.store.StoreException;
import dev.sheaf.coordinator.store.Stored;
import dev.sheaf.image.Digest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The queue, for callers on many threads: one lock around it, the clock, callers that wait, and the effects of each
 * step. A step runs under the lock and goes into the journal, which keeps its decisions and then carries out its
 * effects, in order. Nobody is told of a step before it is kept. The registry is asked on virtual threads.
 */
public final class Dispatcher implements AutoCloseable {
    /** Longest time an agent's call may wait for news: well below a lease's, which starts when the call is sent. */
    public static final Duration MAX_WAIT = Duration.ofSeconds(15);

    /** Longest time that a caller waits for the store. */
    private static final Duration MAX_STORE_WAIT = Duration.ofSeconds(15);

    /** An agent is told its renewals without the news if these are not kept within this time. */
    private static final Duration MAX_NEWS_WAIT = Duration.ofSeconds(3);

    /** Who the dispatcher calls. */
    public record Ports(
            BuildEvents events, SliceVerifier verifier, IndexPublisher publisher, TagKeeper tags, Store store) {}

    /** Where time and chance come from. */
    public record Sources(InstantSource wall, LongSupplier nanoTime, Supplier<UUID> ids) {}

    private final ReentrantLock lock = new ReentrantLock();
    /** The calls of agents that wait for news. */
    @GuardedBy("lock") private final Waiters waiters = new Waiters(lock);

    /** Signalled when something is due earlier than was known, and at the end. */
    private final Condition dueEarlier = lock.newCondition();
    /** When the time thread wakes by itself. */
    @GuardedBy("lock") private Instant wakesAt = Instant.MAX;

    private final Supplier<UUID> ids;
    private final FarmClock clock;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final Journal journal;

    @GuardedBy("lock") private final BuildQueue queue;

    @GuardedBy("lock") private final AttachmentTable attachments = new AttachmentTable();

    @GuardedBy("lock") private long lastFence;

    @GuardedBy("lock") private boolean closed;

    /**
     * Loads what the store holds; {@link #start} goes on with it.
     *
     * @param remembered what builds brought that is secret, if this process held it before
     */
    public Dispatcher(Limits limits, Ports ports, Sources sources, Map<BuildId, Attachments> remembered) {
        this.ids = sources.ids();
        this.clock = new FarmClock(sources.wall(), sources.nanoTime());
        this.queue = new BuildQueue(limits, this::nextFence);
        this.journal = new Journal(ports.store(), new EffectRunner(this, ports, executor)::run);
        Stored stored = ports.store().load();
        this.lastFence = stored.highestFence();
        queue.restore(clock.now(), stored);
        attachments.restore(stored);
        remembered.forEach((build, brought) -> {
            if (queue.attach(clock.now(), build)) {
                attachments.hold(build, brought);
            }
        });
    }

    /** Begins to keep decisions, carry out effects, and let time pass. */
    public void start() {
        lock.lock();
        try {
            commit();
        } finally {
            lock.unlock();
        }
        journal.start();
        executor.execute(this::watchTime);
    }

    /** Accepts a build; when this returns the build is kept, and will end in exactly one terminal state. */
    public BuildId submit(Submission submission) throws RefusedException, InterruptedException {
        journal.requireReady();
        Attachments brought = submission.attachments();
        return kept(step -> step.hold(
                step.queue().submit(step.now(), freshId(), submission.request(), !brought.isEmpty()), brought));
    }

    /** Accepts a build of what another has built; when this returns the build is kept. */
    public BuildId stitch(Stitching wish, Attachments brought) throws RefusedException, InterruptedException {
        journal.requireReady();
        return kept(step -> step.hold(step.queue().stitch(step.now(), freshId(), wish, !brought.isEmpty()), brought));
    }

    private BuildId freshId() {
        return new BuildId(ids.get().toString());
    }

    /** Brings again what a build brought that is secret and was lost. False: no such build, or it has ended. */
    public boolean attach(BuildId build, Attachments brought) throws InterruptedException {
        return kept(step -> {
            boolean isOpen = step.queue().attach(step.now(), build);
            step.hold(build, brought);
            return isOpen;
        });
    }

    /** Asks for the end of a build; returns its state then. Empty: no such build. STITCHING: its tags move already. */
    public Optional<BuildState> cancel(BuildId build) throws InterruptedException {
        return kept(step -> step.queue().cancel(step.now(), build));
    }

    /** Takes what an agent says; answers at once if there is news. Interrupt the caller when the agent goes away. */
    public SyncAnswer synchronize(SyncCall call, Duration maxWait) throws RefusedException, InterruptedException {
        journal.requireGoingOn();
        SyncAnswer answer;
        long step;
        lock.lock();
        try {
            boolean isTaken = queue.synchronize(clock.now(), call);
            commit();
            if (!isTaken) {
                return SyncAnswer.nothing(queue.leaseTime());
            }
            answer = awaitNews(call, maxWait.compareTo(MAX_WAIT) < 0 ? maxWait : MAX_WAIT);
            step = commit();
        } catch (InterruptedException e) {
            queue.hungUp(call);
            throw e;
        } finally {
            lock.unlock();
        }
        return answer.hasNews() ? onceKept(answer, step) : answer;
    }

    /** The connection that this call came over has ended. */
    public void hungUp(SyncCall call) {
        step(step -> step.queue().hungUp(call));
    }

    @GuardedBy("lock") private SyncAnswer awaitNews(SyncCall call, Duration maxWait) throws InterruptedException {
        long start = clock.nanos();
        while (true) {
            Optional<SyncAnswer> answer = queue.answer(clock.now(), call);
            commit();
            if (answer.isEmpty()) {
                return SyncAnswer.nothing(queue.leaseTime());
            }
            long remaining = maxWait.toNanos() - (clock.nanos() - start);
            if (answer.get().hasNews() || remaining <= 0 || closed) {
                queue.answered(call);
                return answer.get();
            }
            waiters.await(call.agent(), remaining);
        }
    }

    /** News are told once they are kept. A store that does not answer must not end leases: renewals are told without. */
    private SyncAnswer onceKept(SyncAnswer answer, long step) throws InterruptedException {
        try {
            journal.await(step, MAX_NEWS_WAIT);
            return answer;
        } catch (StoreException e) {
            if (e.kind() == StoreException.Kind.UNAVAILABLE) {
                return answer.renewalsOnly();
            }
            throw e;
        }
    }

    /** Empty: no such build, or it is forgotten. */
    public Optional<BuildSnapshot> build(BuildId build) throws InterruptedException {
        return kept(step -> step.queue().build(build));
    }

    /** The newest of these builds, newest first. */
    public List<BuildSnapshot> builds(Predicate<BuildRequest> which, int limit) throws InterruptedException {
        return kept(step -> step.queue().builds(which, limit));
    }

    /** What would become of this build if it was submitted now. */
    public List<Forecast> forecast(BuildRequest request) throws InterruptedException {
        return kept(step -> step.queue().forecast(step.now(), request));
    }

    /** The agents that have called within the last minutes, by name. */
    public List<AgentSnapshot> agents() throws InterruptedException {
        return kept(step -> step.queue().agents(step.now()));
    }

    /** Does something, or only looks; returns once all that led to what it saw is kept. */
    private <T, E extends Exception> T kept(Change<T, E> change) throws E, InterruptedException {
        T seen;
        long step;
        lock.lock();
        try {
            seen = change.apply(now());
            step = commit();
        } finally {
            lock.unlock();
        }
        journal.await(step, MAX_STORE_WAIT);
        return seen;
    }

    /** Whether an agent holds this lease now. */
    public boolean isLive(LeaseId lease) {
        return look(step -> step.queue().isLive(step.now(), lease));
    }

    <T> T look(Function<QueueStep, T> look) {
        lock.lock();
        try {
            return look.apply(now());
        } finally {
            lock.unlock();
        }
    }

    /** What a build brought that is secret. Empty: no such build, it has ended, or it was lost. */
    public Optional<Attachments> attachments(BuildId build) {
        lock.lock();
        try {
            return attachments.find(build);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until decisions can be kept no more: why, or empty after {@link #close}. */
    public Optional<StoreException> awaitEnd() throws InterruptedException {
        return Optional.ofNullable(journal.awaitEnd());
    }

    /** Answers all waiting callers, keeps what is decided and stops; nothing is asked of registries any more. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            waiters.wakeAll();
            dueEarlier.signalAll();
        } finally {
            lock.unlock();
        }
        executor.shutdownNow();
        journal.close();
    }

    /** What builds brought that is secret, for a dispatcher that goes on in this process. */
    public Map<BuildId, Attachments> remember() {
        lock.lock();
        try {
            return attachments.all();
        } finally {
            lock.unlock();
        }
    }

    /** One step that nobody waits for. */
    void step(Consumer<QueueStep> change) {
        lock.lock();
        try {
            change.accept(now());
            commit();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock") private QueueStep now() {
        return new QueueStep(queue, attachments, clock.now());
    }

    /** The queue, and what builds brought, at a time. */
    record QueueStep(BuildQueue queue, AttachmentTable attachments, Instant now) {
        /** Holds what the build brought while it is open. */
        BuildId hold(BuildId id, Attachments brought) {
            if (queue.build(id).filter(build -> !build.state().isTerminal()).isPresent()) {
                attachments.hold(id, brought);
            }
            return id;
        }
    }

    /** What a caller wants of the queue. */
    @FunctionalInterface
    private interface Change<T, E extends Exception> {
        T apply(QueueStep step) throws E;
    }

    /** Closes behind the build the way back: from now on its tags move. */
    boolean openTagGate(BuildId build, Digest index) throws InterruptedException {
        return kept(step -> step.queue().openTagGate(build, index));
    }

    private void watchTime() {
        try {
            while (passTime()) {} // until closed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    /** Does what is due, and waits for news or for what is due next. False: closed. */
    @SuppressWarnings("WaitNotInLoop") // the loop is the caller's
    private boolean passTime() throws InterruptedException {
        lock.lock();
        try {
            queue.advance(clock.now());
            commit();
            if (!closed) {
                wakesAt = queue.nextExpiry().orElse(Instant.MAX);
                dueEarlier.awaitNanos(nanosUntil(wakesAt));
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private long nanosUntil(Instant then) {
        Duration longest = Duration.ofDays(1);
        Duration wait = then.equals(Instant.MAX) ? longest : Duration.between(clock.now(), then);
        return Math.min(wait.toNanos(), longest.toNanos());
    }

    /** Enters what the step left to keep and to do into the journal; returns its number there. */
    @GuardedBy("lock") private long commit() {
        List<Decision> decisions = new ArrayList<>();
        List<Effect> effects = new ArrayList<>();
        for (Effect effect : queue.takeEffects()) {
            switch (effect) {
                case Effect.Keep keep -> decisions.add(keep.decision());
                case Effect.Release release -> attachments.release(release.build());
                case Effect.ReleaseSecrets release -> attachments.releaseSecrets(release.build());
                case Effect.BuildChanged _,
                        Effect.SliceChanged _,
                        Effect.Notice _,
                        Effect.Verify _,
                        Effect.Publish _,
                        Effect.CheckTag _,
                        Effect.Forget _ -> effects.add(effect);
            }
        }
        queue.takeTold().forEach(waiters::wake);
        if (queue.nextExpiry().orElse(Instant.MAX).isBefore(wakesAt)) {
            dueEarlier.signalAll();
        }
        return journal.enter(decisions, effects);
    }

    @SuppressWarnings("GuardedBy") // the queue draws fences within its own methods, which run under the lock
    private long nextFence() {
        return ++lastFence;
    }
}
