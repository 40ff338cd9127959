package dev.sheaf.coordinator.identity;

import dev.sheaf.coordinator.identity.DeniedException.Kind;
import dev.sheaf.endpoint.tls.Pin;
import dev.sheaf.endpoint.tls.Token;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Makes agents and users of the farm. */
public final class Registrar {
    /** How long an agent's certificate holds; it is renewed after two thirds of that. */
    public static final Duration CERTIFICATE = Duration.ofHours(24);

    /** How long after its certificate's end an agent may come back without a new invitation. */
    public static final Duration ABSENCE = Duration.ofDays(30);

    private static final int MAX_INVITATIONS = 1000;
    private static final int MAX_USERS = 10_000;

    private final IdentityStore store;
    private final Authority authority;
    private final Secrets secrets;
    private final InstantSource clock;
    private final Gate gate;

    /** The farm's authority. */
    public interface Authority {
        /** Of the authority that vouches for this coordinator. */
        Pin pin();

        /** The key of a signing request that is signed with it; throws IllegalArgumentException with one sentence. */
        PublicKey requested(byte[] signingRequest);

        /** A certificate for an agent, which ends with the identity's; the agent's first. */
        List<X509Certificate> certify(AgentIdentity agent, PublicKey key);
    }

    /** A new agent certificate. */
    public record Certified(AgentIdentity agent, List<X509Certificate> chain) {
        public Certified {
            chain = List.copyOf(chain);
        }
    }

    public Registrar(IdentityStore store, Authority authority, Secrets secrets, InstantSource clock, Gate gate) {
        this.store = store;
        this.authority = authority;
        this.secrets = secrets;
        this.clock = clock;
        this.gate = gate;
    }

    /** An invitation, and its token, which is in no other place. */
    public record Invited(Token token, Invitation invitation) {}

    /** Permits one host to join. */
    public Invited invite(Invitation.Terms terms, Duration ttl) {
        Instant now = clock.instant();
        if (store.invitations(now) >= MAX_INVITATIONS) {
            throw new IllegalArgumentException(
                    MAX_INVITATIONS + " invitations are open, and no more may be: they end by themselves");
        }
        Token token = secrets.draw(Token.Kind.JOIN, authority.pin());
        Invitation invitation =
                new Invitation(token.id(), Secrets.hash(token.secret()), terms, now.plus(Invitation.requireTtl(ttl)));
        store.add(invitation, now);
        return new Invited(token, invitation);
    }

    /**
     * Makes a host an agent.
     *
     * @param credential id and secret of the token
     * @param wanted what the host wants to be called
     * @param from where the call came from: host, and with the port
     */
    public Certified join(String credential, byte[] signingRequest, String wanted, Place from) throws DeniedException {
        gate.failures().requireFew(from.host());
        Instant now = clock.instant();
        Invitation invitation = invitation(credential, now, from);
        PublicKey key = authority.requested(signingRequest);
        Pin pin = Pin.of(key);
        String name = name(invitation.terms().agent(), wanted, pin);
        AgentIdentity agent = new AgentIdentity(
                name,
                invitation.terms().pool(),
                invitation.terms().platforms(),
                pin,
                new AgentIdentity.History(now, from.text(), now.plus(CERTIFICATE), Optional.empty()));
        List<X509Certificate> chain = authority.certify(agent, key);
        if (!store.join(invitation.id(), agent)) {
            throw unusable();
        }
        gate.forget();
        return new Certified(agent, chain);
    }

    /** Where a call came from. */
    public record Place(String host, String text) {}

    private Invitation invitation(String credential, Instant now, Place from) throws DeniedException {
        Secrets.Credential brought = Secrets.Credential.parse(Token.Kind.JOIN, credential);
        Optional<Invitation> invitation = store.invitation(brought.id())
                .filter(known -> Secrets.matches(known.secretHash(), brought.secret()))
                .filter(known -> now.isBefore(known.expires()));
        if (invitation.isEmpty()) {
            gate.failures().failed(from.host());
            throw unusable();
        }
        return invitation.get();
    }

    private static DeniedException unusable() {
        return new DeniedException(
                Kind.FORBIDDEN,
                "the token was used, has expired, or is not of this farm: ask an operator for another, made with"
                        + " \"sheaf agents invite\"");
    }

    private String name(String given, String wanted, Pin key) throws DeniedException {
        Optional<AgentIdentity> same = store.agentByKey(key);
        if (same.isPresent()) {
            throw new DeniedException(
                    Kind.FORBIDDEN, "this key is agent \"" + same.get().name() + "\" already: join with a new one");
        }
        if (!given.isEmpty()) {
            return given;
        }
        Optional<AgentIdentity> other = store.agent(Names.require("agent", wanted))
                .filter(known -> known.history().revoked().isEmpty());
        if (other.isPresent()) {
            throw new DeniedException(
                    Kind.FORBIDDEN,
                    "agent \"" + wanted + "\" joined already, from "
                            + other.get().history().joinedFrom() + " at "
                            + other.get().history().joined()
                            + ": say another --name, or have it replaced by an invitation made with --name " + wanted);
        }
        return wanted;
    }

    /** A new certificate for the key of an agent, also some time after its last one ended. */
    public Certified renew(byte[] signingRequest, Place from) throws DeniedException {
        gate.failures().requireFew(from.host());
        PublicKey key = authority.requested(signingRequest);
        Optional<AgentIdentity> known = store.agentByKey(Pin.of(key));
        if (known.isEmpty()) {
            gate.failures().failed(from.host());
            throw new DeniedException(
                    Kind.FORBIDDEN,
                    "no agent of this farm has this key: it was replaced, or joined another farm; invite the host with"
                            + " \"sheaf agents invite\" and join again");
        }
        AgentIdentity agent = known.get();
        Gate.requireNotRevoked(agent);
        Instant now = clock.instant();
        Instant end = agent.history().expires().plus(ABSENCE);
        if (now.isAfter(end)) {
            throw new DeniedException(
                    Kind.FORBIDDEN,
                    "agent \"" + agent.name() + "\" was away too long: its certificate expired at "
                            + agent.history().expires() + ", more than " + ABSENCE.toDays()
                            + " days ago; invite it with \"sheaf agents invite --name " + agent.name()
                            + "\" and join again");
        }
        AgentIdentity.History old = agent.history();
        AgentIdentity renewed = new AgentIdentity(
                agent.name(),
                agent.pool(),
                agent.platforms(),
                agent.key(),
                new AgentIdentity.History(old.joined(), old.joinedFrom(), now.plus(CERTIFICATE), Optional.empty()));
        List<X509Certificate> chain = authority.certify(renewed, key);
        store.renewed(agent.name(), renewed.history().expires());
        return new Certified(renewed, chain);
    }

    /** Adds a user, or gives one a new token; the token is in no other place. */
    public Token addUser(String name, String team, boolean isOperator) {
        if (store.users().size() >= MAX_USERS) {
            throw new IllegalArgumentException("the farm has " + MAX_USERS + " users, and no more may be: remove some");
        }
        Token token = secrets.draw(Token.Kind.USER, authority.pin());
        store.put(new User(name, team, isOperator, token.id(), Secrets.hash(token.secret()), clock.instant()));
        gate.forget();
        return token;
    }

    /** Ends a user's token. False: nobody has the name. */
    public boolean removeUser(String name) {
        boolean removed = store.removeUser(name);
        gate.forget();
        return removed;
    }

    /** Takes an agent's identity from it. */
    public void revoke(String agent) {
        store.revoke(agent, clock.instant());
        gate.forget();
    }
}
