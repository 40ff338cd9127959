package dev.sheaf.agent.doctor;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Room where an engine keeps its data.
 *
 * @param free bytes
 * @param total bytes
 */
public record DiskSpace(Path directory, long free, long total) {
    static final String FIX = "docker system prune, or enlarge the disk";

    /** Bytes; below them base images and a few builds do not fit. */
    static final long AMPLE = 10_000_000_000L;

    /** Bytes; below them hardly any build succeeds. */
    static final long LEAST = 1_000_000_000L;

    /** How much room there is. */
    enum State {
        AMPLE,
        SCARCE,
        NONE
    }

    /** Looks; empty if there is no such directory on this machine: an engine may be elsewhere. */
    public static Optional<DiskSpace> of(String directory) {
        if (directory.isEmpty()) {
            return Optional.empty();
        }
        Path path = Path.of(directory);
        try {
            FileStore store = Files.getFileStore(path);
            return Optional.of(new DiskSpace(path, store.getUsableSpace(), store.getTotalSpace()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    State state() {
        if (free < LEAST) {
            return State.NONE;
        }
        return free < AMPLE ? State.SCARCE : State.AMPLE;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.1f GB of %.1f GB free in %s", free / 1e9, total / 1e9, directory);
    }
}
