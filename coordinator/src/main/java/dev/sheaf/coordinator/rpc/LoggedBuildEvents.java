package dev.sheaf.coordinator.rpc;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.SliceSnapshot;
import dev.sheaf.coordinator.context.WantedBlobs;
import dev.sheaf.coordinator.dispatch.BuildEvents;
import dev.sheaf.coordinator.log.BuildLog;
import dev.sheaf.coordinator.log.BuildLogs;
import dev.sheaf.coordinator.rpc.wire.BuildWire;
import dev.sheaf.image.Digest;
import dev.sheaf.image.Platform;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.Notice;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what happens to builds into their logs, and opens and closes the supply of their contexts. */
public final class LoggedBuildEvents implements BuildEvents {
    private static final Logger LOG = LoggerFactory.getLogger(LoggedBuildEvents.class);

    private final BuildLogs logs;
    private final WantedBlobs wanted;

    /** Into these logs. */
    public LoggedBuildEvents(BuildLogs logs, WantedBlobs wanted) {
        this.logs = logs;
        this.wanted = wanted;
    }

    @Override
    public void buildChanged(BuildSnapshot build) {
        String id = build.id().value();
        LOG.info("build {} is {}", id, build.state());
        BuildEvent.Builder event = BuildEvent.newBuilder().setBuild(BuildWire.write(build));
        if (build.state().isTerminal()) {
            record(build.id(), log -> log.end(event));
            wanted.end(id);
        } else {
            wanted.begin(id, build.request().team(), tree(build.request()));
            record(build.id(), log -> log.append(event));
        }
    }

    private static Optional<Digest> tree(BuildRequest request) {
        return switch (request.source()) {
            case BuildRequest.Source.Tree(Digest digest) -> Optional.of(digest);
            case BuildRequest.Source.Url _ -> Optional.empty();
        };
    }

    @Override
    public void sliceChanged(SliceSnapshot slice) {
        BuildEvent.Builder event = BuildEvent.newBuilder()
                .setPlatform(slice.id().platform().toString())
                .setSlice(BuildWire.write(slice));
        record(slice.id().build(), log -> log.append(event));
    }

    @Override
    public void notice(BuildId build, Optional<Platform> platform, String text) {
        LOG.info("build {}: {}", build, text);
        BuildEvent.Builder event = BuildEvent.newBuilder()
                .setPlatform(platform.map(Platform::toString).orElse(""))
                .setNotice(Notice.newBuilder().setText(text));
        record(build, log -> log.append(event));
    }

    @Override
    public void buildForgotten(BuildId build) {
        try {
            logs.forget(build.value());
        } catch (IOException e) {
            LOG.warn("the log of build {} cannot be removed: {}", build, e.toString());
        }
    }

    private interface Entry {
        void into(BuildLog log) throws IOException;
    }

    /** A log that cannot be written costs its watchers, not the build. */
    private void record(BuildId build, Entry entry) {
        try {
            entry.into(logs.log(build.value()));
        } catch (IOException e) {
            LOG.error("the log of build {} cannot be written: {}", build, e.toString());
        }
    }
}
