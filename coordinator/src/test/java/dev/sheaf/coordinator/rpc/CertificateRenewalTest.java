package dev.sheaf.coordinator.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordinator.identity.IdentityStore;
import dev.sheaf.coordinator.identity.pki.CertificateWatch;
import dev.sheaf.coordinator.identity.pki.ServerIdentity;
import dev.sheaf.coordinator.identity.pki.TestAuthority;
import dev.sheaf.coordinator.identity.pki.TlsFiles;
import dev.sheaf.coordinator.identity.sql.JdbcIdentities;
import dev.sheaf.coordinator.store.sqlite.SqliteStore;
import dev.sheaf.endpoint.FarmAddress;
import dev.sheaf.endpoint.tls.FarmTls;
import dev.sheaf.endpoint.tls.FarmTrust;
import dev.sheaf.endpoint.tls.Pem;
import dev.sheaf.endpoint.tls.Pin;
import dev.sheaf.endpoint.tls.TlsFailure;
import dev.sheaf.v1.IdentityServiceGrpc;
import dev.sheaf.v1.WhoAmIRequest;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real servers whose certificate is exchanged while clients are connected. */
final class CertificateRenewalTest {
    private static final List<String> HERE = List.of("127.0.0.1");
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    Path directory;

    private final InstantSource real = InstantSource.system();
    private final AtomicReference<Instant> clock = new AtomicReference<>(real.instant());
    private final List<ManagedChannel> channels = new ArrayList<>();
    private IdentityStore identities;
    private @Nullable FarmServer server;

    @BeforeEach
    void open() {
        identities = new JdbcIdentities(SqliteStore.identities(directory));
    }

    @AfterEach
    void close() throws Exception {
        channels.forEach(ManagedChannel::shutdownNow);
        server().stop(1);
        identities.close();
    }

    private FarmServer server() {
        return Objects.requireNonNull(server);
    }

    private CertificateWatch serve(CertificateWatch.Source source, ServerIdentity first) throws IOException {
        server = FarmServer.start(
                FarmAddress.parse("127.0.0.1:0"), TestDoor.open(identities, Optional.of(first)), new FarmServices());
        return new CertificateWatch(source, clock::get, first, server()::show);
    }

    /** A client; whether its connection has ended is noted. */
    private final class Client {
        private final ManagedChannel channel;
        private final AtomicBoolean ended = new AtomicBoolean();

        Client(Pin pin) {
            channel = NettyChannelBuilder.forAddress(
                            "127.0.0.1",
                            server().address().port(),
                            FarmTls.credentials(new FarmTrust.Pinned(pin), Optional.empty()))
                    .build();
            channels.add(channel);
        }

        /** What the server says to nobody, if it is reached. */
        Status call() {
            try {
                var _ = IdentityServiceGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(20, TimeUnit.SECONDS)
                        .whoAmI(WhoAmIRequest.getDefaultInstance());
                return Status.OK;
            } catch (StatusRuntimeException e) {
                return e.getStatus();
            }
        }

        void isHeard() {
            assertThat(call().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
            channel.notifyWhenStateChanged(ConnectivityState.READY, () -> ended.set(true));
        }

        void isStillConnected() {
            assertThat(call().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
            assertThat(ended).isFalse();
            assertThat(channel.getState(false)).isEqualTo(ConnectivityState.READY);
        }
    }

    @Test
    void certificateThatEnds_isExchanged_connectionsLiveOn() throws Exception {
        TestAuthority authority = new TestAuthority(real);
        ServerIdentity first = authority.server(HERE, Duration.ofSeconds(4));
        AtomicReference<ServerIdentity> next = new AtomicReference<>(first);
        CertificateWatch watch = serve(_ -> next.get(), first);
        Client early = new Client(authority.pin());
        early.isHeard();
        Instant end = first.chain().getFirst().getNotAfter().toInstant();
        while (!real.instant().isAfter(end)) {
            Thread.sleep(100);
        }
        assertThat(TlsFailure.explain(new Client(authority.pin()).call(), "farm:1"))
                .hasValueSatisfying(sentence -> assertThat(sentence).contains("has expired"));

        next.set(authority.server(HERE, DAY));
        watch.look();

        new Client(authority.pin()).isHeard();
        early.isStillConnected();
    }

    @Test
    void certificateOfOurs_isMadeAnewInItsLastThird_whileTheCoordinatorRuns() throws Exception {
        Instant now = real.instant();
        TlsFiles files = new TlsFiles(directory, new SecureRandom());
        files.init(HERE, now.minus(Duration.ofDays(560))); // of 825
        clock.set(now.minus(Duration.ofDays(20)));
        ServerIdentity first = files.load(clock.get());
        CertificateWatch watch = serve(files::load, first);
        Client early = new Client(first.pin());
        early.isHeard();

        watch.look();
        X509Certificate before = shown(first.pin());
        clock.set(now);
        watch.look();
        X509Certificate after = shown(first.pin());

        assertThat(before).isEqualTo(first.chain().getFirst());
        assertThat(after).isNotEqualTo(before);
        assertThat(after.getNotAfter().toInstant()).isAfter(now.plus(Duration.ofDays(820)));
        early.isStillConnected();
    }

    @Test
    void filesOfTheOperator_areReadAgain_andUsedOnceTheyFit() throws Exception {
        TestAuthority mine = new TestAuthority(real);
        Path certificate = directory.resolve("c.pem");
        Path key = directory.resolve("k.pem");
        Path authority = directory.resolve("ca.pem");
        ServerIdentity one = mine.server(HERE, DAY);
        ServerIdentity two = mine.server(HERE, DAY.multipliedBy(2));
        ServerIdentity foreign = new TestAuthority(real).server(HERE, DAY);
        write(certificate, Pem.write(one.chain()));
        write(key, Pem.write(one.key()));
        write(authority, Pem.write(one.chain().subList(1, 2)));
        TlsFiles files = new TlsFiles(directory, new SecureRandom());
        TlsFiles.Own own = new TlsFiles.Own(certificate, key, authority);
        CertificateWatch watch = serve(now -> files.load(own, now), files.load(own, clock.get()));
        X509Certificate first = one.chain().getFirst();

        write(certificate, Pem.write(two.chain()));
        watch.look();
        assertThat(shown(mine.pin())).as("its key is not there yet").isEqualTo(first);
        write(key, Pem.write(two.key()));
        watch.look();
        X509Certificate second = two.chain().getFirst();
        assertThat(shown(mine.pin())).isEqualTo(second);

        write(certificate, Pem.write(foreign.chain()));
        write(key, Pem.write(foreign.key()));
        write(authority, Pem.write(foreign.chain().subList(1, 2)));
        watch.look();
        assertThat(shown(mine.pin())).as("tokens name the authority").isEqualTo(second);
        Files.delete(certificate);
        watch.look();
        assertThat(shown(mine.pin())).isEqualTo(second);
    }

    private static void write(Path file, String content) throws IOException {
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    /** What somebody is shown who connects now. */
    private X509Certificate shown(Pin pin) throws Exception {
        new Client(pin).isHeard();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anybody()}, null);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket("127.0.0.1", server().address().port())) {
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    /** Looks at no certificate: this client only asks which it is. */
    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
