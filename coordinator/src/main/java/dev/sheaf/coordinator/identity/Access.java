package dev.sheaf.coordinator.identity;

import static java.util.Map.entry;

import java.util.Map;

/** Which callers may use which method: the one table. What is not in it is refused. Pure. */
public final class Access {
    private static final String BUILDS = "dev.sheaf.v1.BuildService/";
    private static final String AGENTS = "dev.sheaf.v1.AgentService/";
    private static final String CONTEXTS = "dev.sheaf.v1.ContextStore/";
    private static final String IDENTITIES = "dev.sheaf.v1.IdentityService/";

    private static final Map<String, Audience> TABLE = Map.ofEntries(
            entry(BUILDS + "Submit", Audience.USERS),
            entry(BUILDS + "Attach", Audience.USERS),
            entry(BUILDS + "Stitch", Audience.USERS),
            entry(BUILDS + "Watch", Audience.USERS),
            entry(BUILDS + "Cancel", Audience.USERS),
            entry(BUILDS + "Get", Audience.USERS),
            entry(BUILDS + "List", Audience.USERS),
            entry(BUILDS + "ListAgents", Audience.USERS),
            entry(BUILDS + "Plan", Audience.USERS),
            entry(CONTEXTS + "FindMissing", Audience.USERS),
            entry(CONTEXTS + "Upload", Audience.USERS),
            entry(CONTEXTS + "Supply", Audience.USERS),
            entry(CONTEXTS + "Fetch", Audience.AGENTS),
            entry(AGENTS + "Synchronize", Audience.AGENTS),
            entry(AGENTS + "Report", Audience.AGENTS),
            entry(IDENTITIES + "Join", Audience.ANYBODY),
            entry(IDENTITIES + "Renew", Audience.ANYBODY),
            entry(IDENTITIES + "WhoAmI", Audience.IDENTIFIED),
            entry(IDENTITIES + "Invite", Audience.OPERATORS),
            entry(IDENTITIES + "RevokeAgents", Audience.OPERATORS),
            entry(IDENTITIES + "DrainAgents", Audience.OPERATORS),
            entry(IDENTITIES + "ResumeAgents", Audience.OPERATORS),
            entry(IDENTITIES + "AddUser", Audience.OPERATORS),
            entry(IDENTITIES + "ListUsers", Audience.OPERATORS),
            entry(IDENTITIES + "RemoveUser", Audience.OPERATORS));

    /** Whom a method is for. */
    public enum Audience {
        ANYBODY,
        IDENTIFIED,
        AGENTS,
        USERS,
        OPERATORS
    }

    private Access() {}

    /** The table, for those who check that it is whole. */
    public static Map<String, Audience> table() {
        return TABLE;
    }

    /** Refuses a caller that a method is not for. */
    public static void require(String method, Caller caller) throws DeniedException {
        Audience audience = TABLE.get(method);
        if (audience == null) {
            throw new DeniedException(DeniedException.Kind.FORBIDDEN, "nobody may call " + method);
        }
        if (!permits(audience, caller)) {
            throw refusal(audience, caller);
        }
    }

    /**
     * Whether a team's builds are there, for the caller: of those that it does not see it learns nothing, not even that
     * they exist.
     *
     * @param team empty: of builds that came in clear text
     */
    public static boolean sees(Caller caller, String team) {
        return switch (caller) {
            case Caller.Local _ -> true;
            case Caller.User user -> user.isOperator() || user.team().equals(team);
            case Caller.Agent _, Caller.Nobody _ -> false;
        };
    }

    /** Refuses a caller who asks for a team's builds and does not see them, whether there are any or not. */
    public static void requireTeam(Caller caller, String team) throws DeniedException {
        if (!sees(caller, team)) {
            String own = caller instanceof Caller.User user ? ": yours is \"" + user.team() + "\"" : "";
            throw new DeniedException(
                    DeniedException.Kind.FORBIDDEN, "only operators see builds of a team that is not theirs" + own);
        }
    }

    private static boolean permits(Audience audience, Caller caller) {
        return switch (caller) {
            case Caller.Local _ -> true;
            case Caller.Nobody _ -> audience == Audience.ANYBODY;
            case Caller.Agent _ ->
                switch (audience) {
                    case ANYBODY, IDENTIFIED, AGENTS -> true;
                    case USERS, OPERATORS -> false;
                };
            case Caller.User user ->
                switch (audience) {
                    case ANYBODY, IDENTIFIED, USERS -> true;
                    case OPERATORS -> user.isOperator();
                    case AGENTS -> false;
                };
        };
    }

    private static DeniedException refusal(Audience audience, Caller caller) {
        return switch (caller) {
            case Caller.Nobody _ ->
                new DeniedException(
                        DeniedException.Kind.UNAUTHENTICATED,
                        audience == Audience.AGENTS
                                ? "this needs an agent's certificate: join with \"sheaf-agent join\""
                                : "this needs a token: log in with \"sheaf login\", or set SHEAF_TOKEN");
            case Caller.User user ->
                new DeniedException(
                        DeniedException.Kind.FORBIDDEN,
                        audience == Audience.OPERATORS
                                ? "user \"" + user.name() + "\" of team \"" + user.team()
                                        + "\" is no operator: ask one of the farm's operators"
                                : "a user's token does not open what is for agents");
            case Caller.Agent _, Caller.Local _ ->
                new DeniedException(
                        DeniedException.Kind.FORBIDDEN, "an agent's certificate opens nothing but what is for agents");
        };
    }
}
