package dev.sheaf.coordinator.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordinator.identity.IdentityStore;
import dev.sheaf.coordinator.identity.pki.ServerIdentity;
import dev.sheaf.coordinator.identity.pki.TestAuthority;
import dev.sheaf.coordinator.identity.sql.JdbcIdentities;
import dev.sheaf.coordinator.store.sqlite.SqliteStore;
import dev.sheaf.endpoint.FarmAddress;
import dev.sheaf.endpoint.tls.ClientKey;
import dev.sheaf.endpoint.tls.FarmTls;
import dev.sheaf.endpoint.tls.FarmTrust;
import dev.sheaf.endpoint.tls.TlsFailure;
import dev.sheaf.endpoint.tls.TlsProbe;
import dev.sheaf.v1.IdentityServiceGrpc;
import dev.sheaf.v1.WhoAmIRequest;
import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real servers and clients whose certificates do not fit: each ends in its own sentence, at once. */
final class FarmTlsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    Path directory;

    private final InstantSource clock = InstantSource.system();
    private final TestAuthority farm = new TestAuthority(clock);
    private final TestAuthority foreign = new TestAuthority(clock);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private IdentityStore identities;

    @BeforeEach
    void open() {
        identities = new JdbcIdentities(SqliteStore.identities(directory));
    }

    @AfterEach
    void close() {
        identities.close();
        threads.shutdownNow();
    }

    private FarmServer serve(Optional<ServerIdentity> identity) throws Exception {
        return FarmServer.start(
                FarmAddress.parse("127.0.0.1:0"), TestDoor.open(identities, identity), new FarmServices());
    }

    /** Who meets whom, and what the caller reads. */
    enum Meeting {
        EXPIRED_SERVER("has expired"),
        SERVER_FOR_ANOTHER_NAME("not for the name that was called"),
        SERVER_FOR_ANOTHER_ADDRESS("not for the name that was called"),
        SERVER_OF_ANOTHER_FARM("not the farm that made the token"),
        SELF_SIGNED_SERVER("not the farm that made the token"),
        AUTHORITY_FILE_OF_ANOTHER_FARM("of an authority that is not trusted here"),
        AGENT_AS_SERVER("is no coordinator"),
        TLS_TO_PLAINTEXT("speaks clear text, and this program TLS"),
        AGENT_OF_ANOTHER_FARM("does not take this agent's certificate"),
        EXPIRED_AGENT("does not take this agent's certificate");

        private final String sentence;

        Meeting(String sentence) {
            this.sentence = sentence;
        }
    }

    private Optional<ServerIdentity> server(Meeting meeting) {
        List<String> here = List.of("127.0.0.1", "localhost");
        return switch (meeting) {
            case EXPIRED_SERVER -> Optional.of(farm.server(here, Duration.ofHours(-1)));
            case SERVER_FOR_ANOTHER_NAME -> Optional.of(farm.server(List.of("farm.example"), DAY));
            case SERVER_FOR_ANOTHER_ADDRESS -> Optional.of(farm.server(List.of("127.0.0.2"), DAY));
            case SERVER_OF_ANOTHER_FARM, AUTHORITY_FILE_OF_ANOTHER_FARM -> Optional.of(foreign.server(here, DAY));
            case SELF_SIGNED_SERVER -> Optional.of(farm.selfSigned());
            case AGENT_AS_SERVER -> Optional.of(farm.agentAsServer());
            case TLS_TO_PLAINTEXT -> Optional.empty();
            case AGENT_OF_ANOTHER_FARM, EXPIRED_AGENT -> Optional.of(farm.server(here, DAY));
        };
    }

    private ChannelCredentials client(Meeting meeting) {
        FarmTrust pinned = new FarmTrust.Pinned(farm.pin());
        Optional<ClientKey> key = switch (meeting) {
            case AGENT_OF_ANOTHER_FARM -> Optional.of(foreign.client("a", DAY));
            case EXPIRED_AGENT -> Optional.of(farm.client("a", Duration.ofMinutes(-1)));
            default -> Optional.empty();
        };
        return switch (meeting) {
            case AUTHORITY_FILE_OF_ANOTHER_FARM ->
                FarmTls.credentials(
                        new FarmTrust.Authorities(
                                List.of(farm.server(List.of("x"), DAY).chain().getLast())),
                        key);
            default -> FarmTls.credentials(pinned, key);
        };
    }

    @ParameterizedTest
    @EnumSource
    void whatDoesNotFit_isOneClearSentence_withinSeconds(Meeting meeting) throws Exception {
        FarmServer server = serve(server(meeting));
        ManagedChannel channel = channel(server, client(meeting));
        try {
            long start = System.nanoTime();
            Status status = call(channel);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE);
            Optional<String> sentence = TlsFailure.explain(status, "farm.example:7420");
            assertThat(sentence).as("%s: %s", status, status.getCause()).isPresent();
            assertThat(sentence.get())
                    .containsPattern(meeting.sentence)
                    .contains("farm.example:7420")
                    .doesNotContain("\n");
        } finally {
            channel.shutdownNow();
            server.stop(1);
        }
    }

    private static ManagedChannel channel(FarmServer server, ChannelCredentials credentials) {
        return NettyChannelBuilder.forAddress("127.0.0.1", server.address().port(), credentials)
                .build();
    }

    private static Status call(ManagedChannel channel) {
        try {
            var _ = IdentityServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(PATIENCE.toSeconds() + 5, TimeUnit.SECONDS)
                    .whoAmI(WhoAmIRequest.getDefaultInstance());
            return Status.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        }
    }

    @Test
    void whatFits_isHeard_andNobodyIsNobody() throws Exception {
        FarmServer server = serve(Optional.of(farm.server(List.of("127.0.0.1"), DAY)));
        for (FarmTrust trust : List.of(
                new FarmTrust.Pinned(farm.pin()),
                new FarmTrust.Authorities(
                        List.of(farm.server(List.of("x"), DAY).chain().getLast())))) {
            ManagedChannel channel = channel(server, FarmTls.credentials(trust, Optional.empty()));
            Status status = call(channel);
            assertThat(status.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
            assertThat(TlsFailure.explain(status, "x")).isEmpty();
            channel.shutdownNow();
        }
        ManagedChannel unknown = channel(
                server, FarmTls.credentials(new FarmTrust.Pinned(farm.pin()), Optional.of(farm.client("a", DAY))));
        assertThat(call(unknown).getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        unknown.shutdownNow();
        server.stop(1);
    }

    @Test
    void port_saysWhetherItSpeaksTls_alsoToWhoWillNotTrustIt() throws Exception {
        for (ServerIdentity shown : List.of(farm.server(List.of("other"), DAY), farm.selfSigned())) {
            FarmServer secure = serve(Optional.of(shown));
            assertThat(TlsProbe.speaksTls(secure.address(), PATIENCE)).isTrue();
            secure.stop(1);
            assertThat(TlsProbe.speaksTls(secure.address(), PATIENCE)).isFalse();
        }
        FarmServer plain = serve(Optional.empty());
        assertThat(TlsProbe.speaksTls(plain.address(), PATIENCE)).isFalse();
        plain.stop(1);
    }

    @Test
    void nothingBelowTls13_isSpoken() throws Exception {
        FarmServer server = serve(Optional.of(farm.server(List.of("127.0.0.1"), DAY)));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anybody()}, null);
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            try (SSLSocket socket = (SSLSocket) context.getSocketFactory()
                    .createSocket("127.0.0.1", server.address().port())) {
                socket.setEnabledProtocols(new String[] {version});
                String outcome;
                try {
                    socket.startHandshake();
                    outcome = socket.getSession().getProtocol();
                } catch (SSLException e) {
                    outcome = "refused";
                }
                assertThat(outcome).isEqualTo(version.equals("TLSv1.3") ? version : "refused");
            }
        }
        server.stop(1);
    }

    /** Looks at no certificate: this client asks for the version only. */
    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(java.security.cert.X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(java.security.cert.X509Certificate[] chain, String type) {}

        @Override
        public java.security.cert.X509Certificate[] getAcceptedIssuers() {
            return new java.security.cert.X509Certificate[0];
        }
    }
}
