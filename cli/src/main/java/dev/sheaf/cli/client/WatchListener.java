package dev.sheaf.cli.client;

import dev.sheaf.v1.BuildEvent;
import java.time.Duration;

/** Follows one build; called by one thread. */
public interface WatchListener {
    /** The next event: each once, in order, whatever happens to the connection. */
    void event(BuildEvent event);

    /** The events that come now are of another coordinator's log, from its beginning. */
    void otherLog();

    /** The connection is lost. The build is not: the client calls again after {@code pause}. */
    void disconnected(Duration pause);
}
