package dev.sheaf.cli.client;

import dev.sheaf.cli.output.Words;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.BuildServiceGrpc.BuildServiceBlockingStub;
import dev.sheaf.v1.WatchRequest;
import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import java.util.Iterator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One build, followed call after call. After a lost connection the last event is asked for again: if it comes as it was,
 * the log is the same and goes on behind it. If not, the log is another coordinator's, and is shown from its beginning.
 */
final class Watch {
    private final BuildServiceBlockingStub stub;
    private final WatchListener listener;
    private String build;
    private @Nullable BuildEvent last;
    private boolean useful;

    Watch(BuildServiceBlockingStub stub, String build, WatchListener listener) {
        this.stub = stub;
        this.build = build;
        this.listener = listener;
    }

    String build() {
        return build;
    }

    void resume(Resumption resumption) throws CliException, InterruptedException {
        String resumed = resumption.resume(build);
        if (!resumed.equals(build)) {
            build = resumed;
            last = null;
        }
    }

    /** Whether a new event has come since the last time this was asked. */
    boolean takeUseful() {
        boolean was = useful;
        useful = false;
        return was;
    }

    /** One call. Empty: it ended before the build did. */
    Optional<Build> follow() {
        BuildEvent known = last;
        try (CancellableContext call = Context.current().withCancellation()) {
            Iterator<BuildEvent> events = events(call, known == null ? 0 : known.getSequence());
            if (known != null && events.hasNext() && !known.equals(events.next())) {
                last = null;
                listener.otherLog();
            } else {
                return show(events);
            }
        }
        return follow();
    }

    private Iterator<BuildEvent> events(Context call, long from) {
        Context outer = call.attach();
        try {
            return stub.watch(WatchRequest.newBuilder()
                    .setBuildId(build)
                    .setFromSequence(from)
                    .build());
        } finally {
            call.detach(outer);
        }
    }

    private Optional<Build> show(Iterator<BuildEvent> events) {
        while (events.hasNext()) {
            BuildEvent event = events.next();
            last = event;
            useful = true;
            listener.event(event);
            if (event.hasBuild() && Words.isEnd(event.getBuild().getState())) {
                return Optional.of(event.getBuild());
            }
        }
        return Optional.empty();
    }
}
