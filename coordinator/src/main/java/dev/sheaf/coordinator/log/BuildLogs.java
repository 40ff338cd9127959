package dev.sheaf.coordinator.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The logs of all builds, one file each in one directory. Logs of an earlier process are removed at the start. */
public final class BuildLogs {
    private final Path directory;
    private final LogLimits limits;
    private final InstantSource clock;

    @GuardedBy("this")
    private final Map<String, BuildLog> logs = new LinkedHashMap<>();

    private BuildLogs(Path directory, LogLimits limits, InstantSource clock) {
        this.directory = directory;
        this.limits = limits;
        this.clock = clock;
    }

    /** Opens the directory, which is made if need be. */
    public static BuildLogs open(Path directory, LogLimits limits, InstantSource clock) throws IOException {
        Files.createDirectories(directory);
        try (DirectoryStream<Path> old = Files.newDirectoryStream(directory, "*.log")) {
            for (Path file : old) {
                Files.delete(file);
            }
        }
        return new BuildLogs(directory, limits, clock);
    }

    /** The log of a build; made at its first call. */
    public synchronized BuildLog log(String build) throws IOException {
        BuildLog known = logs.get(build);
        if (known != null) {
            return known;
        }
        forgetOldest();
        BuildLog log = BuildLog.create(directory.resolve(build + ".log"), limits, clock);
        logs.put(build, log);
        return log;
    }

    /** The log of a build, if there is one. */
    public synchronized Optional<BuildLog> find(String build) {
        return Optional.ofNullable(logs.get(build));
    }

    @GuardedBy("this")
    private void forgetOldest() throws IOException {
        Iterator<BuildLog> oldest = logs.values().iterator();
        while (logs.size() >= limits.builds() && oldest.hasNext()) {
            BuildLog log = oldest.next();
            if (log.isEnded()) {
                oldest.remove();
                log.delete();
            }
        }
    }
}
