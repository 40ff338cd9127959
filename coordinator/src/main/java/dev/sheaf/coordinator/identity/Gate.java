package dev.sheaf.coordinator.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.sheaf.coordinator.identity.DeniedException.Kind;
import dev.sheaf.endpoint.tls.Pin;
import dev.sheaf.endpoint.tls.Token;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Decides who a caller is, from what its connection proves and its call brings; from nothing else. */
public final class Gate {
    /** A change that another process made (a user added on the coordinator's machine) is seen within this time. */
    private static final Duration FRESH = Duration.ofSeconds(2);

    private static final int MAX_CACHED = 10_000;
    private static final String BEARER = "Bearer ";

    private final IdentityStore store;
    private final InstantSource clock;
    private final FailedAttempts failures;
    private final Cache<Pin, Optional<AgentIdentity>> agents;
    private final Cache<String, Optional<User>> users;

    /**
     * What a call brings.
     *
     * @param isSecure it came over TLS
     * @param certificate checked by TLS to be of this farm's authority, and that the caller has its key
     * @param authorization all values of that metadata
     * @param host where it came from, without the port
     */
    public record Evidence(
            boolean isSecure, Optional<X509Certificate> certificate, List<String> authorization, String host) {
        public Evidence {
            authorization = List.copyOf(authorization);
        }
    }

    public Gate(IdentityStore store, InstantSource clock, Ticker ticker) {
        this.store = store;
        this.clock = clock;
        this.failures = new FailedAttempts(ticker);
        this.agents = cache(ticker);
        this.users = cache(ticker);
    }

    private static <K, V> Cache<K, V> cache(Ticker ticker) {
        return Caffeine.newBuilder()
                .ticker(ticker)
                .maximumSize(MAX_CACHED)
                .expireAfterWrite(FRESH)
                .build();
    }

    /** Throws if what the call brings is wrong; bringing nothing is not. */
    public Caller identify(Evidence evidence) throws DeniedException {
        if (evidence.authorization().size() > 1) {
            throw new DeniedException(
                    Kind.UNAUTHENTICATED,
                    "a call brings one \"authorization\", found "
                            + evidence.authorization().size());
        }
        if (!evidence.isSecure()) {
            return new Caller.Local();
        }
        Optional<String> authorization = evidence.authorization().stream().findFirst();
        if (evidence.certificate().isPresent() && authorization.isPresent()) {
            throw new DeniedException(
                    Kind.UNAUTHENTICATED, "a call comes with a certificate or with a token, and this one has both");
        }
        if (evidence.certificate().isPresent()) {
            return agent(evidence.certificate().get());
        }
        return authorization.isPresent() ? user(authorization.get(), evidence.host()) : new Caller.Nobody();
    }

    private Caller agent(X509Certificate certificate) throws DeniedException {
        Instant expires = certificate.getNotAfter().toInstant();
        if (!clock.instant().isBefore(expires)) {
            // The connection is older than that.
            throw new DeniedException(Kind.UNAUTHENTICATED, "the agent's certificate expired at " + expires);
        }
        AgentIdentity agent = agents.get(Pin.of(certificate.getPublicKey()), store::agentByKey)
                .orElseThrow(() -> new DeniedException(
                        Kind.FORBIDDEN,
                        "no agent of this farm has this certificate's key: it was replaced; invite the host with"
                                + " \"sheaf agents invite\" and join again"));
        requireNotRevoked(agent);
        return agent.caller();
    }

    static void requireNotRevoked(AgentIdentity agent) throws DeniedException {
        Optional<Instant> revoked = agent.history().revoked();
        if (revoked.isPresent()) {
            throw new DeniedException(
                    Kind.FORBIDDEN,
                    "agent \"" + agent.name() + "\" was revoked at " + revoked.get()
                            + ": to take it back, invite it with \"sheaf agents invite\" and join again");
        }
    }

    private Caller user(String authorization, String host) throws DeniedException {
        Secrets.Credential brought;
        try {
            if (!authorization.startsWith(BEARER)) {
                throw new IllegalArgumentException("\"authorization\" holds \"Bearer \" and a token");
            }
            brought = Secrets.Credential.parse(Token.Kind.USER, authorization.substring(BEARER.length()));
        } catch (IllegalArgumentException e) {
            throw new DeniedException(Kind.UNAUTHENTICATED, String.valueOf(e.getMessage()));
        }
        Optional<User> known = users.getIfPresent(brought.id());
        if (known == null) {
            failures.requireFew(host);
            known = users.get(brought.id(), store::userByToken);
        }
        if (known.filter(user -> Secrets.matches(user.secretHash(), brought.secret()))
                .isEmpty()) {
            failures.requireFew(host);
            failures.failed(host);
            throw new DeniedException(
                    Kind.UNAUTHENTICATED,
                    "the farm does not know this token: it was replaced or removed; ask an operator for a new one, then"
                            + " \"sheaf login\"");
        }
        return known.orElseThrow().caller();
    }

    /** What was looked up is looked up again: it has changed. */
    public void forget() {
        agents.invalidateAll();
        users.invalidateAll();
    }

    FailedAttempts failures() {
        return failures;
    }
}
