package dev.sheaf.coordinator.leader;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sheaf.coordinator.store.StoreException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the leader's row when it is free, keeps it, and says who leads. */
public final class LeaderElection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderElection.class);

    private final LeaderRow row;
    private final Candidate candidate;
    private final Timing timing;
    private final LongSupplier nanoTime;
    private final Followers followers;
    private final ExecutorService caller = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("leader-news").factory());
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition closing = lock.newCondition();

    @GuardedBy("lock") private Lease lease = Lease.NONE;

    @GuardedBy("lock") private boolean isClosed;

    private boolean isFailing;

    public LeaderElection(
            LeaderRow row, Candidate candidate, Timing timing, LongSupplier nanoTime, Followers followers) {
        this.row = row;
        this.candidate = candidate;
        this.timing = timing;
        this.nanoTime = nanoTime;
        this.followers = followers;
        this.thread = Thread.ofPlatform().name("leader-election").daemon().unstarted(this::run);
    }

    /** Starts to ask. */
    public void start() {
        thread.start();
    }

    /**
     * Whether this coordinator leads now, by its own clock: a process that was paused knows before it acts. The row may
     * only be kept longer than this says.
     */
    public boolean isLeading() {
        lock.lock();
        try {
            return !isClosed && lease.isHeld(nanoTime.getAsLong());
        } finally {
            lock.unlock();
        }
    }

    /** Whether it leads in this epoch, and will when what is sent now has arrived. */
    private boolean reaches(long epoch) {
        lock.lock();
        try {
            return !isClosed
                    && lease.epoch() == epoch
                    && lease.isHeld(nanoTime.getAsLong() + timing.reach().toNanos());
        } finally {
            lock.unlock();
        }
    }

    /** Who leads, as far as is known: this coordinator or another. */
    public Optional<Claim.Leader> current() {
        lock.lock();
        try {
            return lease.isHeld(nanoTime.getAsLong())
                    ? Optional.of(new Claim.Leader(lease.epoch(), candidate.id(), candidate.address()))
                    : lease.leader();
        } finally {
            lock.unlock();
        }
    }

    /** Stops asking, and gives the row free at once, so that another takes it with its next call. */
    @Override
    public void close() {
        lock.lock();
        try {
            isClosed = true;
            closing.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the thread ends by itself
        }
        caller.shutdown();
    }

    private void run() {
        try {
            while (await(step())) {
                // asked; waited
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            release();
        }
    }

    /** Asks once; returns how long to wait. */
    private Duration step() {
        Lease before = read();
        long sent = nanoTime.getAsLong();
        Lease after;
        Duration wait = timing.retry();
        try {
            if (before.isHeld(sent)) {
                boolean isKept = row.renew(candidate, before.epoch(), timing.lease());
                after = before.renewed(sent, isKept, nanoTime.getAsLong(), timing);
            } else {
                after = Lease.NONE
                        .claimed(sent, row.claim(candidate, timing.lease()), timing)
                        .passed(nanoTime.getAsLong());
            }
            wait = after.epoch() > 0 ? timing.renewal() : timing.retry();
            isFailing = false;
        } catch (StoreException e) {
            after = before.passed(nanoTime.getAsLong());
            if (!isFailing) {
                LOG.warn("cannot ask who leads: {}", e.getMessage());
            }
            isFailing = true;
        }
        tell(before, after);
        return wait;
    }

    private Lease read() {
        lock.lock();
        try {
            return lease;
        } finally {
            lock.unlock();
        }
    }

    private void tell(Lease before, Lease after) {
        lock.lock();
        try {
            lease = after;
        } finally {
            lock.unlock();
        }
        if (after.epoch() == before.epoch() && after.leader().equals(before.leader())) {
            return;
        }
        caller.execute(() -> {
            if (after.epoch() > 0) {
                followers.lead(after.epoch(), () -> reaches(after.epoch()));
            } else {
                followers.follow(after.leader());
            }
        });
    }

    /** False: closed. */
    private boolean await(Duration time) throws InterruptedException {
        lock.lock();
        try {
            long left = time.toNanos();
            while (!isClosed && left > 0) {
                left = closing.awaitNanos(left);
            }
            return !isClosed;
        } finally {
            lock.unlock();
        }
    }

    private void release() {
        Lease held = read();
        if (held.epoch() > 0) {
            try {
                row.release(candidate, held.epoch());
            } catch (StoreException e) {
                LOG.warn("cannot give the leadership free, it ends by itself: {}", e.getMessage());
            }
        }
    }
}
