package dev.sheaf.coordinator.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sheaf.coordinator.identity.DeniedException.Kind;
import dev.sheaf.coordinator.identity.pki.TestAuthority;
import dev.sheaf.coordinator.identity.sql.JdbcIdentities;
import dev.sheaf.coordinator.store.sqlite.SqliteStore;
import dev.sheaf.endpoint.tls.Pin;
import dev.sheaf.endpoint.tls.Token;
import dev.sheaf.image.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Invitations, joining, renewing, tokens: the real store and authority, in virtual time. */
final class RegistrarTest {
    private static final Registrar.Place HOST = new Registrar.Place("192.0.2.7", "192.0.2.7:5000");
    private static final Duration TEN_MINUTES = Duration.ofMinutes(10);
    private static final Platform ARM64 = Platform.parse("linux/arm64");

    @TempDir
    Path directory;

    private Instant now = Instant.parse("2026-11-21T12:00:00Z");
    private long ticks;
    private final TestAuthority authority = new TestAuthority(() -> now);
    private IdentityStore store;
    private Gate gate;
    private Registrar registrar;

    @BeforeEach
    void open() {
        store = new JdbcIdentities(SqliteStore.identities(directory));
        gate = new Gate(store, () -> now, () -> ticks);
        registrar = new Registrar(store, authority.farm(), new Secrets(new SecureRandom()), () -> now, gate);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void pass(Duration time) {
        now = now.plus(time);
        ticks += time.toNanos();
    }

    private Token invite(String name) {
        return registrar
                .invite(new Invitation.Terms("team-a", List.of(ARM64), name), TEN_MINUTES)
                .token();
    }

    private Registrar.Certified join(Token token, KeyPair key, String wanted) throws DeniedException {
        return registrar.join(token.credential(), TestAuthority.request(key), wanted, HOST);
    }

    private Kind denied(Token token, String wanted) {
        DeniedException denied =
                catchThrowableOfType(DeniedException.class, () -> join(token, TestAuthority.key(), wanted));
        assertThat(denied).hasMessageNotContaining(token.secret());
        return denied.kind();
    }

    private Caller caller(X509Certificate certificate) throws DeniedException {
        return gate.identify(new Gate.Evidence(true, Optional.of(certificate), List.of(), HOST.host()));
    }

    private Caller caller(String... authorization) throws DeniedException {
        return gate.identify(new Gate.Evidence(true, Optional.empty(), List.of(authorization), HOST.host()));
    }

    @Test
    void join_withAnInvitation_makesTheAgentThatItPermits() throws DeniedException {
        Registrar.Certified joined = join(invite(""), TestAuthority.key(), "arm-1");

        assertThat(caller(joined.chain().getFirst())).isEqualTo(new Caller.Agent("arm-1", "team-a", List.of(ARM64)));
        assertThat(joined.chain().getFirst().getNotAfter().toInstant()).isEqualTo(now.plus(Registrar.CERTIFICATE));
        assertThat(joined.chain().getFirst().getSubjectX500Principal().getName())
                .contains("arm-1", "team-a");
    }

    @Test
    void token_worksOnce_inItsTime_withItsSecret() throws DeniedException {
        Token used = invite("");
        join(used, TestAuthority.key(), "arm-1");
        assertThat(denied(used, "arm-2")).isEqualTo(Kind.FORBIDDEN);

        Token late = invite("");
        pass(TEN_MINUTES);
        assertThat(denied(late, "arm-2")).isEqualTo(Kind.FORBIDDEN);

        Token guessed = new Token(Token.Kind.JOIN, invite("").id(), "A".repeat(43), used.pin());
        assertThat(denied(guessed, "arm-2")).isEqualTo(Kind.FORBIDDEN);
        assertThat(store.agents()).extracting(AgentIdentity::name).containsExactly("arm-1");
    }

    @Test
    void invite_asManyAsMayBeOpen_thenAgainWhenTheyHaveEnded() throws DeniedException {
        for (int i = 0; i < 1000; i++) {
            invite("");
        }
        assertThatThrownBy(() -> invite(""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1000 invitations are open");

        pass(TEN_MINUTES.plusSeconds(1));

        join(invite(""), TestAuthority.key(), "arm-1");
    }

    @Test
    void join_guessing_isSlowedDownToFiveAMinute_andHeldAgainstThatHostOnly() throws DeniedException {
        Token real = invite("");
        int tried = 0;
        for (int i = 0; i < 1000; i++) {
            Token guess = new Token(Token.Kind.JOIN, real.id(), "A".repeat(39) + String.format("%04d", i), real.pin());
            tried += denied(guess, "x") == Kind.FORBIDDEN ? 1 : 0;
        }
        assertThat(tried).isEqualTo(FailedAttempts.MOST);
        assertThat(denied(real, "arm-1")).isEqualTo(Kind.THROTTLED);
        byte[] request = TestAuthority.request(TestAuthority.key());
        registrar.join(real.credential(), request, "arm-1", new Registrar.Place("192.0.2.8", "192.0.2.8:1"));
        pass(Duration.ofMinutes(1));
        join(invite(""), TestAuthority.key(), "arm-2");
    }

    @Test
    void join_underANameThatIsTaken_isRefusedWithTheAddressOfTheFirst_unlessTheInvitationSaysSo()
            throws DeniedException {
        KeyPair old = TestAuthority.key();
        X509Certificate first = join(invite(""), old, "arm-1").chain().getFirst();
        assertThatThrownBy(() -> join(invite(""), TestAuthority.key(), "arm-1")).hasMessageContaining("192.0.2.7:5000");
        assertThatThrownBy(() -> join(invite("arm-2"), old, "")).hasMessageContaining("key is agent \"arm-1\"");

        X509Certificate second =
                join(invite("arm-1"), TestAuthority.key(), "other").chain().getFirst();

        assertThat(caller(second)).isEqualTo(new Caller.Agent("arm-1", "team-a", List.of(ARM64)));
        assertThatThrownBy(() -> caller(first)).hasMessageContaining("replaced");
    }

    @Test
    void signingRequest_ofAnotherKind_orNotSignedWithItsKey_isRefused() {
        KeyPair key = TestAuthority.key();
        byte[] forged =
                TestAuthority.request(key.getPublic(), TestAuthority.key().getPrivate());
        for (byte[] request :
                List.of(forged, TestAuthority.request(TestAuthority.rsa()), new byte[] {1}, new byte[0])) {
            Token token = invite("");
            assertThatThrownBy(() -> registrar.join(token.credential(), request, "x", HOST))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(store.agents()).isEmpty();
    }

    @Test
    void renew_whileValid_andForThirtyDaysAfter_givesANewCertificateOfTheSameKey() throws DeniedException {
        KeyPair key = TestAuthority.key();
        join(invite(""), key, "arm-1");
        pass(Registrar.CERTIFICATE.plus(Registrar.ABSENCE));

        Registrar.Certified renewed = registrar.renew(TestAuthority.request(key), HOST);

        assertThat(renewed.chain().getFirst().getPublicKey()).isEqualTo(key.getPublic());
        assertThat(caller(renewed.chain().getFirst())).isInstanceOf(Caller.Agent.class);
        pass(Registrar.CERTIFICATE.plus(Registrar.ABSENCE).plusSeconds(1));
        assertThatThrownBy(() -> registrar.renew(TestAuthority.request(key), HOST))
                .hasMessageContainingAll("away too long", "arm-1", "sheaf agents invite");
    }

    @Test
    void certificate_thatExpiredOnAnOpenConnection_isRefused() throws DeniedException {
        X509Certificate certificate =
                join(invite(""), TestAuthority.key(), "arm-1").chain().getFirst();
        pass(Registrar.CERTIFICATE);
        assertThat(catchThrowableOfType(DeniedException.class, () -> caller(certificate))
                        .kind())
                .isEqualTo(Kind.UNAUTHENTICATED);
    }

    @Test
    void revoke_endsTheIdentityAtOnce_forCallsAndRenewals_untilItIsInvitedAgain() throws DeniedException {
        KeyPair key = TestAuthority.key();
        X509Certificate certificate = join(invite(""), key, "arm-1").chain().getFirst();
        assertThat(caller(certificate)).isInstanceOf(Caller.Agent.class);

        registrar.revoke("arm-1");

        assertThatThrownBy(() -> caller(certificate)).hasMessageContaining("agent \"arm-1\" was revoked at " + now);
        assertThatThrownBy(() -> registrar.renew(TestAuthority.request(key), HOST))
                .hasMessageContaining("revoked");
        X509Certificate again =
                join(invite(""), TestAuthority.key(), "arm-1").chain().getFirst();
        assertThat(caller(again)).isInstanceOf(Caller.Agent.class);
        assertThatThrownBy(() -> caller(certificate)).hasMessageContaining("replaced");
    }

    @Test
    void user_isWhoTheTokenBelongsTo_untilItIsReplacedOrRemoved() throws DeniedException {
        String first = "Bearer " + registrar.addUser("ci", "payments", false).credential();
        assertThat(caller(first)).isEqualTo(new Caller.User("ci", "payments", false));

        String second = "Bearer " + registrar.addUser("ci", "payments", true).credential();
        assertThat(caller(second)).isEqualTo(new Caller.User("ci", "payments", true));
        assertThatThrownBy(() -> caller(first)).hasMessageContaining("replaced or removed");

        assertThat(registrar.removeUser("ci")).isTrue();
        assertThat(registrar.removeUser("ci")).isFalse();
        assertThatThrownBy(() -> caller(second)).isInstanceOf(DeniedException.class);
    }

    @Test
    void user_addedByAnotherProcess_isKnownWithinSeconds() throws DeniedException {
        Gate other = new Gate(store, () -> now, () -> ticks);
        Registrar beside = new Registrar(store, authority.farm(), new Secrets(new SecureRandom()), () -> now, other);
        String token = "Bearer " + beside.addUser("ci", "payments", false).credential();
        assertThat(caller(token)).isInstanceOf(Caller.User.class);
        beside.removeUser("ci");
        pass(Duration.ofSeconds(2));
        assertThatThrownBy(() -> caller(token)).isInstanceOf(DeniedException.class);
    }

    @Test
    void forgedEvidence_isRefused_orOfNoMeaning() throws DeniedException {
        String token = "Bearer " + registrar.addUser("ci", "payments", false).credential();
        X509Certificate certificate =
                join(invite(""), TestAuthority.key(), "arm-1").chain().getFirst();
        X509Certificate unknown = authority.agent("arm-1", TestAuthority.key());

        List<List<String>> wrong = List.of(
                List.of(token, token),
                List.of(token, "Bearer x"),
                List.of("Basic dXNlcg=="),
                List.of("Bearer "),
                List.of(token + ".x"),
                List.of(token.toLowerCase(java.util.Locale.ROOT)),
                List.of("Bearer " + invite("").credential()));
        for (List<String> authorization : wrong) {
            assertThat(catchThrowableOfType(DeniedException.class, () -> caller(authorization.toArray(String[]::new)))
                            .kind())
                    .as("%s", authorization)
                    .isEqualTo(Kind.UNAUTHENTICATED);
        }
        assertThatThrownBy(() ->
                        gate.identify(new Gate.Evidence(true, Optional.of(certificate), List.of(token), HOST.host())))
                .hasMessageContaining("both");
        assertThatThrownBy(() -> caller(unknown)).hasMessageContaining("no agent of this farm");
        assertThat(caller()).isEqualTo(new Caller.Nobody());
    }

    @Test
    void wrongTokens_areSlowedDown_andAGoodOneInUseIsNot() throws DeniedException {
        Token good = registrar.addUser("ci", "payments", false);
        assertThat(caller("Bearer " + good.credential())).isInstanceOf(Caller.User.class);
        for (int i = 0; i < 20; i++) {
            String wrong = "Bearer " + new Token(Token.Kind.USER, good.id(), "A".repeat(43), good.pin()).credential();
            Kind kind = catchThrowableOfType(DeniedException.class, () -> caller(wrong))
                    .kind();
            assertThat(kind).isEqualTo(i < FailedAttempts.MOST ? Kind.UNAUTHENTICATED : Kind.THROTTLED);
        }
        assertThat(caller("Bearer " + good.credential())).isInstanceOf(Caller.User.class);
    }

    @Test
    void store_holdsHashesOnly() throws Exception {
        Token join = invite("");
        Token user = registrar.addUser("ci", "payments", false);
        store.close();
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                String content = Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
                assertThat(content).doesNotContain(join.secret(), user.secret());
            }
        }
        assertThat(Files.readString(
                        directory.resolve(SqliteStore.IDENTITIES), java.nio.charset.StandardCharsets.ISO_8859_1))
                .contains(Secrets.hash(user.secret()));
        assertThat(Files.getPosixFilePermissions(directory.resolve(SqliteStore.IDENTITIES)))
                .hasToString("[OWNER_READ, OWNER_WRITE]");
    }

    @Test
    void names_thatAreNone_areRefused() {
        for (String name : List.of("a b", "", "../x", "x".repeat(64), "\u001b[31m")) {
            assertThatThrownBy(() -> registrar.addUser(name, "t", false)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> join(invite(""), TestAuthority.key(), name))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> registrar.invite(new Invitation.Terms("p", List.of(), ""), Duration.ofDays(8)))
                .hasMessageContaining("7 days");
        assertThat(Pin.of(TestAuthority.key().getPublic()).sha256()).hasSize(64);
    }
}
