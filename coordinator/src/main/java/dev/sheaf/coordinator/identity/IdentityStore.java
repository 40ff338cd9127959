package dev.sheaf.coordinator.identity;

import dev.sheaf.endpoint.tls.Pin;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Keeps who may call. Each method is one transaction, kept when it returns; several threads may call. */
public interface IdentityStore extends AutoCloseable {
    /** Keeps an invitation, and drops those that ended before this time. */
    void add(Invitation invitation, Instant now);

    Optional<Invitation> invitation(String id);

    /** How many are open at this time. */
    int invitations(Instant now);

    /** Uses an invitation up, and puts the agent in the place of any that has its name. False: it is used up. */
    boolean join(String invitation, AgentIdentity agent);

    Optional<AgentIdentity> agent(String name);

    Optional<AgentIdentity> agentByKey(Pin key);

    /** By name. */
    List<AgentIdentity> agents();

    /** Its certificate ends then. */
    void renewed(String agent, Instant expires);

    void revoke(String agent, Instant at);

    /** Names of agents that are to be given nothing new, whether they have joined or not. */
    Set<String> drained();

    void drain(String agent);

    void resume(String agent);

    /** Adds a user, or puts another in the place of one that has the name. */
    void put(User user);

    Optional<User> userByToken(String tokenId);

    /** By name. */
    List<User> users();

    /** False: nobody has the name. */
    boolean removeUser(String name);

    @Override
    void close();
}
