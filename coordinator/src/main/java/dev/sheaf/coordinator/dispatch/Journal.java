package dev.sheaf.coordinator.dispatch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sheaf.coordinator.queue.api.Effect;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.coordinator.store.Store;
import dev.sheaf.coordinator.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes steps durable, in order and many at a time, and only then carries out their effects: what was entered while the
 * store was at work goes into the next batch. A store that does not answer for a while holds everything up and loses
 * nothing; one that refuses for good ends the journal.
 *
 * <p>Its thread is a platform thread that nobody interrupts: an interrupt in the middle of a database's answer would
 * close the connection.
 */
final class Journal implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Journal.class);

    /** A step waits so long at most behind the ones before it; bounds one transaction. */
    private static final int MOST_IN_A_BATCH = 4096;

    private static final Duration FIRST_RETRY = Duration.ofMillis(50);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(1);

    private record Step(List<Decision> decisions, List<Effect> effects) {}

    private final Store store;
    private final Consumer<Effect> runner;
    private final Thread writer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition entered = lock.newCondition();
    private final Condition progressed = lock.newCondition();

    @GuardedBy("lock") private List<Step> pending = new ArrayList<>();

    /** Number of steps entered so far. */
    @GuardedBy("lock") private long last;

    /** Number of steps whose effects are carried out. */
    @GuardedBy("lock") private long done;

    /** Why the store does not answer; null: it does. */
    @GuardedBy("lock") private @Nullable StoreException stalled;

    /** Why nothing is kept any more; null: the journal goes on. */
    @GuardedBy("lock") private @Nullable StoreException broken;

    @GuardedBy("lock") private boolean closed;

    /** Effects are carried out by the runner, on the journal's thread. */
    Journal(Store store, Consumer<Effect> runner) {
        this.store = store;
        this.runner = runner;
        this.writer = Thread.ofPlatform().name("journal").daemon().unstarted(this::write);
    }

    void start() {
        writer.start();
    }

    /** Enters a step; returns its number. */
    long enter(List<Decision> decisions, List<Effect> effects) {
        lock.lock();
        try {
            if (!decisions.isEmpty() || !effects.isEmpty()) {
                pending.add(new Step(decisions, effects));
                last++;
                entered.signal();
            }
            return last;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until a step is durable and its effects are carried out.
     *
     * @throws StoreException it is not yet, or never will be
     */
    void await(long step, Duration most) throws InterruptedException {
        long left = most.toNanos();
        lock.lockInterruptibly();
        try {
            while (done < step) {
                requireWhole();
                if (left <= 0 || closed) {
                    throw late();
                }
                left = progressed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Refuses new work while it could not be kept. */
    void requireReady() {
        lock.lock();
        try {
            requireWhole();
            if (stalled != null) {
                throw new StoreException(
                        StoreException.Kind.UNAVAILABLE, String.valueOf(stalled.getMessage()), stalled);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Refuses everything once decisions can be kept no more. */
    void requireGoingOn() {
        lock.lock();
        try {
            requireWhole();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the journal ends: null if it was closed, else why it cannot go on. */
    @Nullable StoreException awaitEnd() throws InterruptedException {
        writer.join();
        lock.lock();
        try {
            return broken;
        } finally {
            lock.unlock();
        }
    }

    /** Keeps what was entered, if the store still takes it, and ends. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            entered.signalAll();
            progressed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // whoever closes is in a hurry
        }
    }

    /** After a decision could not be kept, memory knows more than the store: nothing may be built on it. */
    @GuardedBy("lock") private void requireWhole() {
        if (broken != null) {
            throw new StoreException(broken.kind(), String.valueOf(broken.getMessage()), broken);
        }
    }

    @GuardedBy("lock") private StoreException late() {
        String why = stalled == null ? "it is slow" : String.valueOf(stalled.getMessage());
        return new StoreException(
                StoreException.Kind.UNAVAILABLE, "the store has not kept the decision yet (" + why + "); ask again");
    }

    private void write() {
        try {
            for (List<Step> batch = next(); !batch.isEmpty(); batch = next()) {
                if (!keep(batch)) {
                    return;
                }
                batch.forEach(step -> step.effects().forEach(runner));
                finished(batch.size());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Step> next() throws InterruptedException {
        lock.lock();
        try {
            while (pending.isEmpty() && !closed) {
                entered.await();
            }
            if (pending.size() <= MOST_IN_A_BATCH) {
                List<Step> batch = pending;
                pending = new ArrayList<>();
                return batch;
            }
            List<Step> batch = List.copyOf(pending.subList(0, MOST_IN_A_BATCH));
            pending = new ArrayList<>(pending.subList(MOST_IN_A_BATCH, pending.size()));
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /** False: they cannot be kept, now or ever. */
    private boolean keep(List<Step> batch) throws InterruptedException {
        List<Decision> decisions =
                batch.stream().flatMap(step -> step.decisions().stream()).toList();
        if (decisions.isEmpty()) {
            return true;
        }
        Duration wait = FIRST_RETRY;
        while (true) {
            try {
                store.append(decisions);
                answered();
                return true;
            } catch (StoreException e) {
                if (!mayRetry(e)) {
                    return false;
                }
            } catch (RuntimeException e) {
                log.error("the store failed in a way that it should not", e);
                mayRetry(new StoreException(
                        StoreException.Kind.BROKEN, "the store failed (" + e + "); its log says more", e));
                return false;
            }
            pause(wait);
            wait = wait.multipliedBy(2).compareTo(LONGEST_RETRY) < 0 ? wait.multipliedBy(2) : LONGEST_RETRY;
        }
    }

    private void pause(Duration wait) throws InterruptedException {
        long left = wait.toNanos();
        lock.lock();
        try {
            while (left > 0 && !closed) {
                left = entered.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void answered() {
        lock.lock();
        try {
            if (stalled != null) {
                log.info("the store answers again");
                stalled = null;
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean mayRetry(StoreException failure) {
        lock.lock();
        try {
            if (failure.kind() == StoreException.Kind.UNAVAILABLE && !closed) {
                if (stalled == null) {
                    log.warn("nothing is accepted until the store takes it: {}", failure.getMessage());
                }
                stalled = failure;
                return true;
            }
            if (failure.kind() != StoreException.Kind.UNAVAILABLE) {
                broken = failure;
            }
            progressed.signalAll();
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void finished(int steps) {
        lock.lock();
        try {
            done += steps;
            progressed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
