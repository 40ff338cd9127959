package dev.sheaf.coordinator.rpc.caller;

import dev.sheaf.coordinator.identity.Access;
import dev.sheaf.coordinator.identity.Caller;
import io.grpc.Context;
import java.util.Optional;

/**
 * The other end of a call.
 *
 * @param host its address; empty: not known
 * @param address the same with the port
 */
public record Peer(Caller caller, String host, String address) {
    static final Context.Key<Peer> KEY = Context.key("peer");

    /** Of the call that runs on this thread. */
    public static Peer current() {
        Peer peer = KEY.get();
        if (peer == null) {
            throw new IllegalStateException("no call runs here, or nobody asked who makes it");
        }
        return peer;
    }

    /** The name of the calling agent, if the connection proves one. */
    public Optional<String> agent() {
        return caller instanceof Caller.Agent agent ? Optional.of(agent.name()) : Optional.empty();
    }

    /** Whose the blobs are that the caller brings. Empty: they come in clear text. */
    public String team() {
        return caller instanceof Caller.User user ? user.team() : "";
    }

    /** Whether builds of this team are there, for the caller. */
    public boolean sees(String team) {
        return Access.sees(caller, team);
    }
}
