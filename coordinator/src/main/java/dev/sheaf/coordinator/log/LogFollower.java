package dev.sheaf.coordinator.log;

import com.google.protobuf.CodedOutputStream;
import dev.sheaf.v1.BuildEvent;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.Optional;

/** One reader of a log, at its own pace. Used by one thread. */
public final class LogFollower implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final BuildLog log;
    private final FileChannel channel;
    private final InputStream in;
    private final long fromSequence;
    /** Where the next event begins. */
    private long place;
    /** Up to here the file holds whole events; nothing beyond is read. */
    private long end;

    LogFollower(BuildLog log, FileChannel channel, long place, long fromSequence) {
        this.log = log;
        this.channel = channel;
        this.in = new BufferedInputStream(new WholeEvents(place), BUFFER_BYTES);
        this.fromSequence = fromSequence;
        this.place = place;
        this.end = place;
    }

    /** The next event; empty: none came in this time. After the last event of an ended log it is empty at once. */
    public Optional<BuildEvent> next(Duration most) throws IOException, InterruptedException {
        while (true) {
            if (place >= end) {
                end = log.awaitBeyond(place, most.toNanos());
            }
            if (place >= end) {
                return Optional.empty();
            }
            BuildEvent event = BuildEvent.parseDelimitedFrom(in);
            int size = event.getSerializedSize();
            place += CodedOutputStream.computeUInt32SizeNoTag(size) + size;
            if (event.getSequence() >= fromSequence) {
                return Optional.of(event);
            }
        }
    }

    /** Whether every event of an ended log was given. */
    public boolean isDone() throws InterruptedException {
        return log.isEnded() && place >= log.awaitBeyond(place, 0);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** The file up to the last whole event. */
    private final class WholeEvents extends InputStream {
        private long position;

        WholeEvents(long position) {
            this.position = position;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int most = (int) Math.min(length, end - position);
            if (most <= 0) {
                return -1;
            }
            int count = channel.read(ByteBuffer.wrap(bytes, offset, most), position);
            position += Math.max(count, 0);
            return count;
        }
    }
}
