package dev.sheaf.coordinator.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The logs of all builds, one file each in one directory. Those of an earlier process are read on when asked for. */
public final class BuildLogs {
    private static final String SUFFIX = ".log";

    private final Path directory;
    private final LogLimits limits;
    private final InstantSource clock;

    /** In the order of their beginning; those that nobody has asked for are not opened. */
    @GuardedBy("this") private final Map<String, Optional<BuildLog>> logs = new LinkedHashMap<>();

    private BuildLogs(Path directory, LogLimits limits, InstantSource clock) {
        this.directory = directory;
        this.limits = limits;
        this.clock = clock;
    }

    /** Opens the directory, which is made if need be. */
    public static BuildLogs open(Path directory, LogLimits limits, InstantSource clock) throws IOException {
        Files.createDirectories(directory);
        BuildLogs opened = new BuildLogs(directory, limits, clock);
        opened.list();
        return opened;
    }

    private synchronized void list() throws IOException {
        record Old(String build, FileTime changed) {}
        List<Old> all = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                all.add(new Old(name.substring(0, name.length() - SUFFIX.length()), Files.getLastModifiedTime(file)));
            }
        }
        all.sort(Comparator.comparing(Old::changed));
        all.forEach(old -> logs.put(old.build(), Optional.empty()));
    }

    /** The log of a build; made at its first call. */
    public synchronized BuildLog log(String build) throws IOException {
        Optional<BuildLog> open = logs.get(build);
        if (open != null && open.isPresent()) {
            return open.get();
        }
        if (open == null) {
            forgetOldest();
        }
        BuildLog log = BuildLog.open(file(build), limits, clock);
        logs.put(build, Optional.of(log));
        return log;
    }

    /** Removes the log of a build. */
    public synchronized void forget(String build) throws IOException {
        Optional<BuildLog> log = logs.remove(build);
        if (log != null) {
            remove(build, log);
        }
    }

    private void remove(String build, Optional<BuildLog> log) throws IOException {
        if (log.isPresent()) {
            log.get().delete();
        } else {
            Files.deleteIfExists(file(build));
        }
    }

    private Path file(String build) {
        return directory.resolve(build + SUFFIX);
    }

    @GuardedBy("this") private void forgetOldest() throws IOException {
        Iterator<Map.Entry<String, Optional<BuildLog>>> oldest = logs.entrySet().iterator();
        while (logs.size() >= limits.builds() && oldest.hasNext()) {
            Map.Entry<String, Optional<BuildLog>> log = oldest.next();
            if (log.getValue().map(BuildLog::isEnded).orElse(true)) {
                oldest.remove();
                remove(log.getKey(), log.getValue());
            }
        }
    }
}
