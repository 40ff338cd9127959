package dev.sheaf.agent.engine.session;

import dev.sheaf.v1.RegistryCredential;
import dev.sheaf.v1.Secret;
import java.util.List;

/**
 * What a session offers.
 *
 * @param id unique to this build
 * @param sharedKey identity of the context across builds: under it the engine keeps files of the last build. May be
 *     empty
 */
public record SessionContents(
        String id, String sharedKey, ContextFiles files, List<RegistryCredential> credentials, List<Secret> secrets) {

    /** Without credentials and secrets, so that it can be logged. */
    @Override
    public String toString() {
        return "SessionContents[" + id + "]";
    }
}
