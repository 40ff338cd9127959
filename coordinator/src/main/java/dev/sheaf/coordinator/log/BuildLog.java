package dev.sheaf.coordinator.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.Progress;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The log of one build: a file of events, each behind its length, and in memory the place of every
 * {@link #STRIDE}th of them. Watchers read the file at their own pace, so a slow one holds up nobody and costs no
 * memory. Appending is behind one lock; a reader takes it only to learn how far it may read.
 */
public final class BuildLog {
    /** A watcher that starts in the middle skips at most so many events. */
    static final int STRIDE = 256;

    private static final int BUFFER_BYTES = 64 * 1024;

    private final Path file;
    private final FileChannel channel;
    private final LogLimits limits;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition grown = lock.newCondition();

    @GuardedBy("lock") private final Map<String, SliceBudget> budgets = new LinkedHashMap<>();

    /** Number of the last report received, by fence: as many as the build has attempts. */
    @GuardedBy("lock") private final Map<Long, Long> reports = new HashMap<>();

    @GuardedBy("lock") private long[] places = new long[4];

    @GuardedBy("lock") private long events;

    @GuardedBy("lock") private long bytes;

    @GuardedBy("lock") private boolean ended;

    private BuildLog(Path file, FileChannel channel, LogLimits limits, InstantSource clock) {
        this.file = file;
        this.channel = channel;
        this.limits = limits;
        this.clock = clock;
    }

    /** Opens a log; one that is there already goes on behind its last whole event. */
    static BuildLog open(Path file, LogLimits limits, InstantSource clock) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        BuildLog log = new BuildLog(file, channel, limits, clock);
        log.readAll();
        return log;
    }

    private void readAll() throws IOException {
        lock.lock();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES)) {
            for (BuildEvent event = nextWhole(in); event != null; event = nextWhole(in)) {
                if (event.hasProgress()) {
                    budget(event.getPlatform()).spend(event.getProgress());
                }
                count(event);
                ended = event.hasBuild() && isTerminal(event.getBuild().getState());
            }
            channel.truncate(bytes);
        } finally {
            lock.unlock();
        }
    }

    /** Null: the rest is nothing, or what a process wrote that was killed meanwhile. */
    private static @Nullable BuildEvent nextWhole(InputStream in) throws IOException {
        try {
            return BuildEvent.parseDelimitedFrom(in);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    private static boolean isTerminal(BuildState state) {
        return switch (state) {
            case BUILD_STATE_SUCCEEDED, BUILD_STATE_FAILED, BUILD_STATE_CANCELLED -> true;
            case BUILD_STATE_QUEUED,
                    BUILD_STATE_BUILDING,
                    BUILD_STATE_STITCHING,
                    BUILD_STATE_UNSPECIFIED,
                    UNRECOGNIZED -> false;
        };
    }

    /**
     * Appends an agent's report of a slice, as far as its limits allow. One that was received before is dropped; and
     * nothing is appended after the end.
     *
     * @param number of the report within its lease, from 1; 0: it has none
     * @return the number of the last report of the lease that was received
     */
    public long append(String platform, long fence, long number, Progress progress) throws IOException {
        lock.lock();
        try {
            long received = received(fence);
            if (number > 0 && number <= received) {
                return received;
            }
            Progress kept = budget(platform).admit(progress);
            if (kept.getSerializedSize() > 0) {
                write(BuildEvent.newBuilder()
                        .setPlatform(platform)
                        .setProgress(kept)
                        .setFence(fence)
                        .setReport(number));
            }
            reports.merge(fence, number, Math::max);
            return received(fence);
        } finally {
            lock.unlock();
        }
    }

    /** Number of the last report of a lease that was received; 0: none. */
    public long received(long fence) {
        lock.lock();
        try {
            return reports.getOrDefault(fence, 0L);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock") private SliceBudget budget(String platform) {
        return budgets.computeIfAbsent(platform, _ -> new SliceBudget(limits));
    }

    /** Appends an event; its sequence number and time are set here. Nothing is appended after the end. */
    public void append(BuildEvent.Builder event) throws IOException {
        lock.lock();
        try {
            write(event);
        } finally {
            lock.unlock();
        }
    }

    /** Appends the last event, and before it what was dropped and not told of. Idempotent. */
    public void end(BuildEvent.Builder last) throws IOException {
        lock.lock();
        try {
            writeLast(last);
        } finally {
            lock.unlock();
        }
        channel.close();
    }

    @GuardedBy("lock") private void writeLast(BuildEvent.Builder last) throws IOException {
        try {
            for (Map.Entry<String, SliceBudget> budget : budgets.entrySet()) {
                long untold = budget.getValue().takeUntold();
                if (untold > 0) {
                    write(BuildEvent.newBuilder()
                            .setPlatform(budget.getKey())
                            .setProgress(Progress.newBuilder().setDroppedLogBytes(untold)));
                }
            }
            write(last);
        } finally {
            // Whatever became of the last words: those who follow must not wait for more.
            ended = true;
            grown.signalAll();
        }
    }

    /**
     * Follows the log from an event on; from its beginning if the event is beyond its end, for then the caller followed
     * another coordinator's. The caller closes the follower.
     */
    public LogFollower follow(long fromSequence) throws IOException {
        lock.lock();
        try {
            long start = fromSequence < 0 || fromSequence > events ? 0 : fromSequence;
            long known = Math.min(start, events) / STRIDE * STRIDE;
            long place = known < events ? places[(int) (known / STRIDE)] : bytes;
            return new LogFollower(this, FileChannel.open(file, StandardOpenOption.READ), place, start);
        } finally {
            lock.unlock();
        }
    }

    /** Whether the last event is in the log. */
    public boolean isEnded() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the file is longer than this or the log has ended. Returns the length, in bytes. */
    long awaitBeyond(long place, long nanos) throws InterruptedException {
        long left = nanos;
        lock.lockInterruptibly();
        try {
            while (bytes <= place && !ended && left > 0) {
                left = grown.awaitNanos(left);
            }
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Removes the file; followers that are open read on. */
    void delete() throws IOException {
        channel.close();
        Files.deleteIfExists(file);
    }

    @GuardedBy("lock") private void write(BuildEvent.Builder builder) throws IOException {
        if (ended) {
            return;
        }
        Instant now = clock.instant();
        BuildEvent event = builder.setSequence(events)
                .setTime(Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()))
                .build();
        int size = event.getSerializedSize();
        ByteBuffer buffer = ByteBuffer.allocate(CodedOutputStream.computeUInt32SizeNoTag(size) + size);
        CodedOutputStream out = CodedOutputStream.newInstance(buffer);
        out.writeUInt32NoTag(size);
        event.writeTo(out);
        out.flush();
        buffer.flip();
        long place = bytes;
        // At a place of its own: what a failed write left behind is written over.
        while (buffer.hasRemaining()) {
            place += channel.write(buffer, place);
        }
        count(event);
        grown.signalAll();
    }

    /** An event is in the file behind those before it. */
    @GuardedBy("lock") private void count(BuildEvent event) {
        int size = event.getSerializedSize();
        remember(bytes);
        bytes += CodedOutputStream.computeUInt32SizeNoTag(size) + size;
        events++;
        if (event.getReport() > 0) {
            reports.merge(event.getFence(), event.getReport(), Math::max);
        }
    }

    @GuardedBy("lock") private void remember(long place) {
        if (events % STRIDE == 0) {
            int index = (int) (events / STRIDE);
            if (index == places.length) {
                places = Arrays.copyOf(places, places.length * 2);
            }
            places[index] = place;
        }
    }
}
