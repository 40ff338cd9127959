package dev.sheaf.coordinator.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** A data directory is used by one process at a time. The kernel drops the lock with the process, however that ends. */
public final class DirectoryLock implements AutoCloseable {
    private static final String NAME = "coordinator.lock";
    private static final int MAX_PID = 20; // characters

    private final FileChannel channel;

    private DirectoryLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock, at once or not at all.
     *
     * @throws StoreException IN_USE: another process has it; the message names the process
     */
    public static DirectoryLock take(Path directory) {
        Path file = directory.resolve(NAME);
        FileChannel channel = null;
        try {
            Files.createDirectories(directory);
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                String holder = read(channel);
                channel.close();
                throw new StoreException(
                        StoreException.Kind.IN_USE,
                        "the data directory " + directory + " is used by another coordinator"
                                + (holder.isEmpty() ? "" : ", process " + holder)
                                + ": stop it, or choose another directory");
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
            return new DirectoryLock(channel);
        } catch (IOException e) {
            closeAfter(channel, e);
            throw new StoreException(
                    StoreException.Kind.BROKEN, "the data directory " + directory + " cannot be used: " + e, e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // this very process has it
        }
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(MAX_PID);
        channel.read(text, 0);
        return StandardCharsets.US_ASCII.decode(text.flip()).toString().strip();
    }

    private static void closeAfter(@Nullable FileChannel channel, IOException reason) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                reason.addSuppressed(e);
            }
        }
    }

    /** Gives the directory free. The file stays: removing it could free a lock that another process just took. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.BROKEN, "the lock of the data directory cannot be freed", e);
        }
    }
}
