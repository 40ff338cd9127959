package dev.sheaf.coordinator.rpc;

import com.github.benmanes.caffeine.cache.Ticker;
import com.google.protobuf.ByteString;
import dev.sheaf.coordinator.context.BlobStore;
import dev.sheaf.coordinator.context.WantedBlobs;
import dev.sheaf.coordinator.dispatch.AgentControl;
import dev.sheaf.coordinator.dispatch.Dispatcher;
import dev.sheaf.coordinator.gate.FarmPolicy;
import dev.sheaf.coordinator.identity.Gate;
import dev.sheaf.coordinator.identity.IdentityStore;
import dev.sheaf.coordinator.identity.Registrar;
import dev.sheaf.coordinator.identity.Secrets;
import dev.sheaf.coordinator.identity.pki.TestAuthority;
import dev.sheaf.coordinator.identity.sql.JdbcIdentities;
import dev.sheaf.coordinator.log.BuildLogs;
import dev.sheaf.coordinator.log.LogLimits;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.rpc.caller.CallerInterceptor;
import dev.sheaf.coordinator.rpc.caller.LiveCalls;
import dev.sheaf.coordinator.store.sqlite.SqliteStore;
import dev.sheaf.endpoint.FarmAddress;
import dev.sheaf.endpoint.tls.ClientKey;
import dev.sheaf.endpoint.tls.FarmTls;
import dev.sheaf.endpoint.tls.FarmTrust;
import dev.sheaf.endpoint.tls.Token;
import dev.sheaf.v1.IdentityServiceGrpc;
import dev.sheaf.v1.IdentityServiceGrpc.IdentityServiceBlockingStub;
import dev.sheaf.v1.InviteRequest;
import dev.sheaf.v1.JoinRequest;
import dev.sheaf.v1.JoinResponse;
import dev.sheaf.v1.Platform;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A farm over TLS, with an operator and a user. */
final class SecureFarm {
    private final InstantSource clock = InstantSource.system();
    private final TestAuthority authority = new TestAuthority(clock);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final BlobStore blobs;
    private final WantedBlobs wanted;
    private final BuildLogs logs;
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final Dispatcher dispatcher;
    private final IdentityStore store;
    private final Registrar registrar;
    private final FarmServer server;
    final Channel operator;
    final Channel user;

    SecureFarm(Path directory) throws Exception {
        store = new JdbcIdentities(SqliteStore.identities(directory));
        Gate gate = new Gate(store, clock, Ticker.systemTicker());
        registrar = new Registrar(store, authority.farm(), new Secrets(new SecureRandom()), clock, gate);
        LiveCalls calls = new LiveCalls();
        FarmServices services = new FarmServices();
        blobs = BlobStore.open(directory.resolve("contexts"), 1 << 20, clock);
        wanted = new WantedBlobs(blobs);
        logs = BuildLogs.open(directory.resolve("logs"), LogLimits.DEFAULT, clock);
        dispatcher = dispatcher();
        services.lead(services(calls));
        server = FarmServer.start(
                FarmAddress.parse("127.0.0.1:0"),
                new FarmServer.Door(
                        Optional.of(authority.server(List.of("127.0.0.1"), Duration.ofDays(1))),
                        new CallerInterceptor(gate, calls)),
                services);
        operator = with(registrar.addUser("alice", "platform", true));
        user = with(registrar.addUser("ci", "payments", false));
    }

    private Dispatcher dispatcher() {
        Dispatcher.Ports ports = TestDoor.ports(logs, wanted);
        Dispatcher made = new Dispatcher(
                Limits.defaults(), ports, new Dispatcher.Sources(clock, System::nanoTime, UUID::randomUUID), Map.of());
        made.start();
        return made;
    }

    private List<io.grpc.BindableService> services(LiveCalls calls) {
        AgentControl control = new AgentControl(dispatcher);
        return List.of(
                new BuildEndpoint(dispatcher, logs, store, FarmPolicy.DEFAULT, threads),
                new AgentEndpoint(dispatcher, control, logs),
                new ContextEndpoint(dispatcher, control, blobs, wanted, threads),
                new IdentityEndpoint(dispatcher, control, new IdentityEndpoint.Identities(store, registrar, calls)));
    }

    void stop() throws InterruptedException {
        channels.forEach(ManagedChannel::shutdownNow);
        server.stop(1);
        dispatcher.close();
        store.close();
        threads.shutdownNow();
    }

    Channel channel(Optional<ClientKey> key) {
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        "127.0.0.1",
                        server.address().port(),
                        FarmTls.credentials(new FarmTrust.Pinned(authority.pin()), key))
                .build();
        channels.add(channel);
        return channel;
    }

    /** A new user of a team. */
    Channel user(String name, String team) {
        return with(registrar.addUser(name, team, false));
    }

    private Channel with(Token token) {
        return with(channel(Optional.empty()), "authorization", "Bearer " + token.credential());
    }

    static Channel with(Channel channel, String... entries) {
        Metadata metadata = new Metadata();
        for (int i = 0; i < entries.length; i += 2) {
            metadata.put(Metadata.Key.of(entries[i], Metadata.ASCII_STRING_MARSHALLER), entries[i + 1]);
        }
        return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(metadata));
    }

    static IdentityServiceBlockingStub identity(Channel channel) {
        return IdentityServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    /** Joins with a new invitation; the channel that the agent speaks through. */
    Channel join(String name, Platform... permitted) throws Exception {
        Token token = Token.parse(
                Token.Kind.JOIN,
                identity(operator)
                        .invite(InviteRequest.newBuilder()
                                .setPool("team-a")
                                .addAllPlatforms(List.of(permitted))
                                .build())
                        .getToken());
        KeyPair key = TestAuthority.key();
        JoinResponse joined = identity(channel(Optional.empty()))
                .join(JoinRequest.newBuilder()
                        .setToken(token.credential())
                        .setName(name)
                        .setSigningRequest(ByteString.copyFrom(TestAuthority.request(key)))
                        .build());
        List<X509Certificate> chain = new ArrayList<>();
        for (ByteString encoded : joined.getChainList()) {
            chain.add((X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(encoded.toByteArray())));
        }
        return channel(Optional.of(new ClientKey(key.getPrivate(), chain)));
    }

    /** A new token of a user, as a call brings it. */
    String token(String name) {
        return "Bearer " + registrar.addUser(name, "x", true).credential();
    }
}
