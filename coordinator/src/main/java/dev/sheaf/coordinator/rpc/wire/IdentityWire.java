package dev.sheaf.coordinator.rpc.wire;

import dev.sheaf.coordinator.agents.AgentDescription;
import dev.sheaf.coordinator.agents.AgentSnapshot;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.identity.AgentIdentity;
import dev.sheaf.coordinator.identity.Caller;
import dev.sheaf.coordinator.identity.Invitation;
import dev.sheaf.coordinator.identity.User;
import dev.sheaf.coordinator.identity.selection.Selector;
import dev.sheaf.image.Platform;
import dev.sheaf.v1.Agent;
import dev.sheaf.v1.AgentCaller;
import dev.sheaf.v1.AgentSelection;
import dev.sheaf.v1.InviteRequest;
import dev.sheaf.v1.LocalCaller;
import dev.sheaf.v1.UserCaller;
import dev.sheaf.v1.WhoAmIResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Identities as the wire has them. Readers throw IllegalArgumentException with one line for the caller. */
public final class IdentityWire {
    private static final String DEFAULT_POOL = "default";
    private static final int MAX_SELECTED = 1000;

    private IdentityWire() {}

    /**
     * All agents of the farm, by name: those that call, and those that joined.
     *
     * @param seen builds that the caller may know of: of others only the number is told
     */
    public static List<Agent> agents(
            List<AgentSnapshot> live, Predicate<BuildId> seen, List<AgentIdentity> joined, Set<String> drained) {
        Map<String, Agent.Builder> all = new TreeMap<>();
        for (AgentSnapshot agent : live) {
            all.put(agent.description().id().name(), AgentWire.write(agent, seen).toBuilder());
        }
        for (AgentIdentity identity : joined) {
            all.computeIfAbsent(identity.name(), IdentityWire::silent).setIdentity(write(identity));
        }
        all.forEach((name, agent) -> agent.setDrained(drained.contains(name)));
        return all.values().stream().map(Agent.Builder::build).toList();
    }

    /** One that joined and does not call. */
    private static Agent.Builder silent(String name) {
        return Agent.newBuilder()
                .setDescription(
                        dev.sheaf.v1.AgentDescription.newBuilder().setName(name).setSlots(1))
                .setLost(true);
    }

    private static dev.sheaf.v1.AgentIdentity write(AgentIdentity identity) {
        AgentIdentity.History history = identity.history();
        dev.sheaf.v1.AgentIdentity.Builder wire = dev.sheaf.v1.AgentIdentity.newBuilder()
                .setPool(identity.pool())
                .addAllPlatforms(names(identity.platforms()))
                .setJoined(Durations.write(history.joined()))
                .setJoinedFrom(history.joinedFrom())
                .setExpires(Durations.write(history.expires()));
        history.revoked().ifPresent(at -> wire.setRevoked(Durations.write(at)));
        return wire.build();
    }

    /** Platforms in words. */
    public static List<String> names(List<Platform> platforms) {
        return platforms.stream().map(Platform::toString).toList();
    }

    /** A caller. */
    public static WhoAmIResponse write(Caller caller) {
        WhoAmIResponse.Builder wire = WhoAmIResponse.newBuilder();
        switch (caller) {
            case Caller.Agent agent ->
                wire.setAgent(AgentCaller.newBuilder()
                        .setName(agent.name())
                        .setPool(agent.pool())
                        .addAllPlatforms(names(agent.platforms())));
            case Caller.User user ->
                wire.setUser(UserCaller.newBuilder()
                        .setName(user.name())
                        .setTeam(user.team())
                        .setOperator(user.isOperator()));
            case Caller.Local _ -> wire.setLocal(LocalCaller.getDefaultInstance());
            case Caller.Nobody _ -> {}
        }
        return wire.build();
    }

    /** A user. */
    public static dev.sheaf.v1.User write(User user) {
        return dev.sheaf.v1.User.newBuilder()
                .setName(user.name())
                .setTeam(user.team())
                .setOperator(user.isOperator())
                .setAdded(Durations.write(user.added()))
                .build();
    }

    /** What an invitation permits. */
    public static Invitation.Terms terms(InviteRequest request) {
        List<Platform> platforms = request.getPlatformsList().stream()
                .map(SubmissionReader::platform)
                .distinct()
                .toList();
        if (platforms.size() > AgentWire.MAX_OFFERS) {
            throw new IllegalArgumentException(
                    "an agent offers at most " + AgentWire.MAX_OFFERS + " platforms, found " + platforms.size());
        }
        return new Invitation.Terms(
                request.getPool().isEmpty() ? DEFAULT_POOL : request.getPool(), platforms, request.getName());
    }

    /** Which agents are meant. */
    public static Selector selector(AgentSelection selection) {
        if (selection.getNamesCount() > MAX_SELECTED) {
            throw new IllegalArgumentException(
                    "a call names at most " + MAX_SELECTED + " agents, found " + selection.getNamesCount());
        }
        return new Selector(
                selection.getNamesList(),
                selection.getPool(),
                selection.hasPlatform()
                        ? Optional.of(SubmissionReader.platform(selection.getPlatform()))
                        : Optional.empty());
    }

    /** What selectors go by. */
    public static Map<String, Selector.Facts> facts(List<AgentSnapshot> live, List<AgentIdentity> joined) {
        Map<String, Selector.Facts> facts = new TreeMap<>();
        for (AgentIdentity identity : joined) {
            facts.put(identity.name(), new Selector.Facts(identity.pool(), Set.copyOf(identity.platforms())));
        }
        for (AgentSnapshot agent : live) {
            AgentDescription description = agent.description();
            String name = description.id().name();
            Selector.Facts known = facts.getOrDefault(name, new Selector.Facts("", Set.of()));
            Set<Platform> platforms = new HashSet<>(known.platforms());
            description.offers().forEach(offer -> platforms.add(offer.platform()));
            facts.put(name, new Selector.Facts(known.pool(), platforms));
        }
        return facts;
    }
}
