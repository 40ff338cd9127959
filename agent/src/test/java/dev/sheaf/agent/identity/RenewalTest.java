package dev.sheaf.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.endpoint.FarmAddress;
import dev.sheaf.endpoint.tls.ClientKey;
import dev.sheaf.endpoint.tls.Pin;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Renewing in virtual time. */
final class RenewalTest {
    private static final Duration LIFE = Duration.ofHours(24);
    private static final Instant START = Instant.parse("2026-11-21T12:00:00Z");

    @TempDir
    Path directory;

    private final KeyPair pair = SigningRequest.newKey(new SecureRandom());
    private final List<Instant> asked = new ArrayList<>();
    private Instant now = START;
    private Instant end = START.plus(Duration.ofDays(3));
    private Status answer = Status.OK;
    private FarmIdentity first;
    private AgentState state;

    @BeforeEach
    void join() throws Exception {
        state = new AgentState(directory.resolve("state"));
        first = new FarmIdentity(
                FarmAddress.parseList("farm.example:7420"),
                Pin.of(pair.getPublic()),
                "arm-1",
                new ClientKey(pair.getPrivate(), List.of(certificate(START))));
        state.store(first);
    }

    private X509Certificate certificate(Instant from) throws Exception {
        X500Name name = new X500Name("CN=arm-1");
        return new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                name,
                                BigInteger.ONE,
                                Date.from(from),
                                Date.from(from.plus(LIFE)),
                                name,
                                pair.getPublic())
                        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
    }

    private FarmIdentity farm(FarmIdentity identity) {
        asked.add(now);
        if (!answer.isOk()) {
            throw answer.asRuntimeException();
        }
        try {
            return identity.with(new ClientKey(pair.getPrivate(), List.of(certificate(now))));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private Renewal renewal() {
        return new Renewal(first, this::farm, state, () -> now, time -> {
            now = now.plus(time);
            if (now.isAfter(end)) {
                throw new InterruptedException("the time of the test is over");
            }
        });
    }

    @Test
    void certificate_isRenewedAfterTwoThirdsOfItsTime_andKept() {
        List<Instant> told = new ArrayList<>();
        assertThatThrownBy(() -> renewal().run(() -> told.add(now))).isInstanceOf(InterruptedException.class);
        assertThat(asked)
                .containsExactly(
                        START.plus(Duration.ofHours(16)),
                        START.plus(Duration.ofHours(32)),
                        START.plus(Duration.ofHours(48)),
                        START.plus(Duration.ofHours(64)));
        assertThat(told).isEqualTo(asked);
        assertThat(state.load().orElseThrow().expires())
                .isEqualTo(START.plus(Duration.ofHours(64)).plus(LIFE));
    }

    @Test
    void farmIsAway_itIsAskedEveryHalfMinute_alsoAfterTheEnd() {
        answer = Status.UNAVAILABLE;
        end = START.plus(Duration.ofHours(25));
        assertThatThrownBy(() -> renewal().run(() -> {})).isInstanceOf(InterruptedException.class);
        assertThat(asked).hasSize(9 * 60 * 2 + 1);
    }

    @Test
    void certificateExpiredWhileTheHostWasOff_isRenewedBeforeAnythingElse_orRefusedForGood() throws Exception {
        now = START.plus(Duration.ofDays(2));
        Renewal renewal = renewal();
        renewal.awaitValid();
        assertThat(renewal.key().chain().getFirst().getNotAfter().toInstant()).isEqualTo(now.plus(LIFE));

        answer = Status.PERMISSION_DENIED.withDescription("revoked");
        assertThatThrownBy(() -> renewal().awaitValid())
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("revoked");
    }

    @Test
    void state_isReadAsWritten_byItsUserAlone() throws Exception {
        FarmIdentity found = state.load().orElseThrow();
        assertThat(found).isEqualTo(first);
        Path file = directory.resolve("state/identity.properties");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("state"))))
                .isEqualTo("rwx------");
        assertThat(found.toString() + found.key()).doesNotContain("PRIVATE");
        Files.writeString(file, "name=arm-1\n");
        assertThatThrownBy(() -> state.load()).hasMessageContaining("join again");
    }
}
