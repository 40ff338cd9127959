package dev.sheaf.coordinator.dispatch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sheaf.coordinator.agents.AgentSnapshot;
import dev.sheaf.coordinator.agents.SyncAnswer;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.queue.BuildQueue;
import dev.sheaf.coordinator.queue.Effect;
import dev.sheaf.coordinator.queue.Limits;
import dev.sheaf.coordinator.queue.RefusedException;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.coordinator.store.Store;
import dev.sheaf.coordinator.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The queue, for callers on many threads: one lock around it, the clock, callers that wait, and the effects of each
 * step. A step runs under the lock; its decisions are kept by the store before the lock is released; its other effects
 * are carried out after that, in order, outside of the lock. The registry is asked on virtual threads.
 *
 * <p>Time is monotonic: it starts at the wall clock's and goes on by nanoseconds, so that a clock that is set ends no
 * lease.
 */
public final class Dispatcher implements AutoCloseable {
    /** Longest time a call may wait: well below a lease's, which starts when the call is sent. */
    public static final Duration MAX_WAIT = Duration.ofSeconds(15);

    /** Who the dispatcher calls. */
    public record Ports(BuildEvents events, SliceVerifier verifier, IndexPublisher publisher, Store store) {}

    /** Where time and chance come from. */
    public record Sources(InstantSource wall, LongSupplier nanoTime, Supplier<UUID> ids) {}

    private final ReentrantLock lock = new ReentrantLock();
    /** Signalled after every step that had effects, and at the end. */
    private final Condition news = lock.newCondition();

    private final Store store;
    private final Sources sources;
    private final Instant origin;
    private final long originNanos;
    private final Executor executor;
    private final EffectRunner runner;

    @GuardedBy("lock") private final BuildQueue queue;

    @GuardedBy("lock") private final Map<BuildId, Attachments> attachments = new HashMap<>();

    @GuardedBy("lock") private final Deque<Effect> outbox = new ArrayDeque<>();

    @GuardedBy("lock") private long lastFence;

    @GuardedBy("lock") private boolean closed;

    @GuardedBy("lock") private @Nullable StoreException broken;

    /** Held while effects are carried out: one at a time, in order. Taken without the other lock. */
    private final ReentrantLock delivery = new ReentrantLock();

    public Dispatcher(Limits limits, Ports ports, Sources sources) {
        this(limits, ports, sources, Executors.newVirtualThreadPerTaskExecutor());
    }

    Dispatcher(Limits limits, Ports ports, Sources sources, Executor executor) {
        this.store = ports.store();
        this.sources = sources;
        this.origin = sources.wall().instant();
        this.originNanos = sources.nanoTime().getAsLong();
        this.executor = executor;
        this.lastFence = store.load().highestFence();
        this.queue = new BuildQueue(limits, this::nextFence);
        this.runner = new EffectRunner(this, ports, executor);
    }

    /** Starts the thread that lets time pass: it ends leases and waits that are due. */
    public void start() {
        executor.execute(this::watchTime);
    }

    /** Accepts a build; when this returns the build is kept, and will end in exactly one terminal state. */
    public BuildId submit(Submission submission) throws RefusedException {
        lock.lock();
        try {
            requireWhole();
            BuildId fresh = new BuildId(sources.ids().get().toString());
            BuildId id = queue.submit(
                    now(),
                    fresh,
                    submission.request(),
                    !submission.attachments().isEmpty());
            if (id.equals(fresh)) {
                attachments.put(id, submission.attachments());
            }
            commit();
            return id;
        } finally {
            lock.unlock();
            deliver();
        }
    }

    /** Asks for the end of a build; returns its state then. Empty: no such build. STITCHING: its tags move already. */
    public Optional<BuildState> cancel(BuildId build) {
        lock.lock();
        try {
            requireWhole();
            Optional<BuildState> state = queue.cancel(now(), build);
            commit();
            return state;
        } finally {
            lock.unlock();
            deliver();
        }
    }

    /**
     * Takes what an agent says, and answers what it should do: at once if there is news, else after a while. Interrupt
     * the caller when the agent goes away.
     */
    public SyncAnswer synchronize(SyncCall call, Duration maxWait) throws RefusedException, InterruptedException {
        lock.lock();
        try {
            requireWhole();
            boolean isTaken = queue.synchronize(now(), call);
            commit();
            if (!isTaken) {
                return SyncAnswer.nothing(queue.leaseTime());
            }
            return await(call, maxWait.compareTo(MAX_WAIT) < 0 ? maxWait : MAX_WAIT);
        } catch (InterruptedException e) {
            queue.hungUp(call);
            throw e;
        } finally {
            lock.unlock();
            deliver();
        }
    }

    @GuardedBy("lock") private SyncAnswer await(SyncCall call, Duration maxWait) throws InterruptedException {
        long start = sources.nanoTime().getAsLong();
        while (true) {
            Optional<SyncAnswer> answer = queue.answer(now(), call);
            commit();
            if (answer.isEmpty()) {
                return SyncAnswer.nothing(queue.leaseTime());
            }
            long remaining = maxWait.toNanos() - (sources.nanoTime().getAsLong() - start);
            if (answer.get().hasNews() || remaining <= 0 || closed) {
                queue.answered(call);
                return answer.get();
            }
            if (outbox.isEmpty()) {
                news.awaitNanos(remaining);
            } else {
                lock.unlock();
                deliver();
                lock.lock();
            }
            requireWhole();
        }
    }

    /** Empty: no such build, or it is forgotten. */
    public Optional<BuildSnapshot> build(BuildId build) {
        lock.lock();
        try {
            return queue.build(build);
        } finally {
            lock.unlock();
        }
    }

    /** The newest builds, newest first. */
    public List<BuildSnapshot> builds(int limit) {
        lock.lock();
        try {
            return queue.builds(limit);
        } finally {
            lock.unlock();
        }
    }

    /** The agents that have called within the last minutes, by name. */
    public List<AgentSnapshot> agents() {
        lock.lock();
        try {
            return queue.agents(now());
        } finally {
            lock.unlock();
        }
    }

    /** Whether an agent holds this lease now. */
    public boolean isLive(LeaseId lease) {
        lock.lock();
        try {
            return queue.isLive(now(), lease);
        } finally {
            lock.unlock();
        }
    }

    /** What a build brought that is secret. Empty: no such build, or it has ended. */
    public Optional<Attachments> attachments(BuildId build) {
        lock.lock();
        try {
            return Optional.ofNullable(attachments.get(build));
        } finally {
            lock.unlock();
        }
    }

    /** Answers all waiting callers and stops the threads; nothing is asked of registries any more. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            news.signalAll();
        } finally {
            lock.unlock();
        }
        if (executor instanceof ExecutorService service) {
            service.shutdownNow();
        }
    }

    /** One step that nobody waits for. */
    void step(Consumer<QueueStep> change) {
        lock.lock();
        try {
            requireWhole();
            change.accept(new QueueStep(queue, now()));
            commit();
        } finally {
            lock.unlock();
            deliver();
        }
    }

    /** The queue, at a time. */
    record QueueStep(BuildQueue queue, Instant now) {}

    /** Closes behind the build the way back: from now on its tags move. */
    boolean openTagGate(BuildId build) {
        lock.lock();
        try {
            requireWhole();
            boolean open = !closed && queue.openTagGate(build);
            commit();
            return open;
        } finally {
            lock.unlock();
            deliver();
        }
    }

    /** Lets time pass up to now. */
    void tick() {
        step(step -> step.queue().advance(step.now()));
    }

    private void watchTime() {
        try {
            while (passTime()) {
                deliver();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    /** Does what is due; if that is nothing, waits for news or for what is due next. False: closed. */
    @SuppressWarnings("WaitNotInLoop") // the loop is the caller's
    private boolean passTime() throws InterruptedException {
        lock.lock();
        try {
            if (closed || broken != null) {
                return false;
            }
            queue.advance(now());
            commit();
            Optional<Instant> next = queue.nextExpiry();
            if (!outbox.isEmpty()) {
                return true;
            }
            if (next.isPresent()) {
                news.awaitNanos(Duration.between(now(), next.get()).toNanos());
            } else {
                news.await();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** Keeps the decisions of a step, and hands its other effects on. Whatever the step showed nobody has seen yet. */
    @GuardedBy("lock") private void commit() {
        List<Decision> decisions = new ArrayList<>();
        List<Effect> effects = queue.takeEffects();
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Keep keep -> decisions.add(keep.decision());
                case Effect.Release release -> attachments.remove(release.build());
                case Effect.BuildChanged _,
                        Effect.SliceChanged _,
                        Effect.Notice _,
                        Effect.Verify _,
                        Effect.Publish _,
                        Effect.Forget _ -> outbox.add(effect);
            }
        }
        if (!decisions.isEmpty()) {
            keep(decisions);
        }
        if (!effects.isEmpty()) {
            news.signalAll();
        }
    }

    @GuardedBy("lock") private void keep(List<Decision> decisions) {
        try {
            store.append(decisions);
        } catch (StoreException e) {
            broken = e;
            outbox.clear();
            news.signalAll();
            throw e;
        }
    }

    /** After a decision could not be kept, the queue knows more than the store: nothing may be built on it. */
    @GuardedBy("lock") private void requireWhole() {
        if (broken != null) {
            throw new StoreException(
                    broken.kind(), "the coordinator could not keep a decision and must be started anew", broken);
        }
    }

    /** Carries out what steps have left to do; returns when what the caller's own step left is done. */
    private void deliver() {
        delivery.lock();
        try {
            for (Effect next = nextEffect(); next != null; next = nextEffect()) {
                runner.run(next);
            }
        } finally {
            delivery.unlock();
        }
    }

    private @Nullable Effect nextEffect() {
        lock.lock();
        try {
            return outbox.poll();
        } finally {
            lock.unlock();
        }
    }

    private Instant now() {
        return origin.plusNanos(sources.nanoTime().getAsLong() - originNanos);
    }

    @SuppressWarnings("GuardedBy") // the queue draws fences within its own methods, which run under the lock
    private long nextFence() {
        return ++lastFence;
    }
}
