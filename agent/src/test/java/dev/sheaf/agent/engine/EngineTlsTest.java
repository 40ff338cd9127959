package dev.sheaf.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.agent.engine.channel.EngineTls;
import dev.sheaf.architecture.Lab;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.Platform;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lab's real BuildKit on a port with mutual TLS, which a bridge ends. */
@Tag("lab")
final class EngineTlsTest {
    private static final Platform AMD64 =
            Platform.newBuilder().setOs("linux").setArchitecture("amd64").build();
    private static final Duration LATER = Duration.ofDays(1);
    private static final Duration EARLIER = Duration.ofDays(-1);

    /** Said by the first look at the port, which is given 4 s, and not by a question that is given up. */
    private static final Duration PROMPT = Engines.Patience.STANDARD.answer();

    @TempDir
    private Path directory;

    private Certificates ours;
    private Certificates foreign;
    private Certificates.Signed agent;
    private Certificates.Signed engine;

    @BeforeEach
    void sign() throws Exception {
        ours = new Certificates("ours");
        foreign = new Certificates("foreign");
        agent = ours.sign("agent", LATER);
        engine = ours.sign("engine", LATER);
    }

    @Test
    void bothKnowEachOther_probeAndSolve() throws Exception {
        try (Bridge bridge = bridge(ours.server(engine));
                Engine opened = open(bridge, tls(ours, agent, ""))) {
            assertThat(opened.probe().problem()).isEmpty();
            assertThat(opened.answers()).isTrue();

            MemoryFiles files = new MemoryFiles(
                    "FROM " + Lab.busybox() + "\nCOPY a.txt /\n", Map.of("a.txt", "a " + UUID.randomUUID()));
            SolveRequest request = new SolveRequest(
                    AMD64,
                    BuildSpec.getDefaultInstance(),
                    List.of(Lab.registry() + "/engine/tls"),
                    List.of(),
                    List.of(),
                    files);
            assertThat(opened.solve(request, _ -> {}).digest()).matches("sha256:[0-9a-f]{64}");
        }
    }

    @Test
    void otherNameThanTheAddress_isTakenIfTheCertificateHoldsIt() throws Exception {
        try (Bridge bridge = bridge(ours.server(engine));
                Engine known = open(bridge, tls(ours, agent, "engine.test"));
                Engine unknown = open(bridge, tls(ours, agent, "other.test"))) {
            assertThat(known.probe().problem()).isEmpty();
            assertThat(problem(unknown))
                    .contains("the engine's certificate is not for other.test (")
                    .endsWith("; name the engine as its certificate does, in --engine or with --engine-server-name");
        }
    }

    @Test
    void enginesCertificate_expiredOrForeign_isNamed() throws Exception {
        assertThat(problem(ours.server(ours.sign("engine", EARLIER)), tls(ours, agent, "")))
                .endsWith(": the engine's certificate has expired; renew it");
        assertThat(problem(ours.server(engine), tls(foreign, agent, "")))
                .endsWith(": the engine's certificate is not signed by the authority in --engine-ca; name the one that"
                        + " signed it");
    }

    @Test
    void ownCertificate_foreignOrExpired_isNamed() throws Exception {
        assertThat(problem(ours.server(engine), tls(ours, foreign.sign("agent", LATER), "")))
                .contains(" refuses this agent's certificate (")
                .endsWith("; name one that the engine's authority signed, and its key, with --engine-cert and"
                        + " --engine-key");
        assertThat(problem(ours.server(engine), tls(ours, ours.sign("agent", EARLIER), "")))
                .startsWith("this agent's certificate for the engine, --engine-cert " + directory)
                .contains(", expired on 20")
                .endsWith("; renew it");
    }

    @Test
    void tlsOnOneSideOnly_isNamed() throws Exception {
        assertThat(problem(null, tls(ours, agent, "")))
                .endsWith(" speaks plaintext, not TLS; start buildkitd with --tlscacert, --tlscert and --tlskey");
        assertThat(problem(ours.server(engine), Optional.empty()))
                .contains("tcp://127.0.0.1:")
                .endsWith(" speaks TLS; name --engine-ca, --engine-cert and --engine-key");
    }

    @Test
    void takesConnectionsAndSaysNothing_isGivenUp() throws Exception {
        try (ServerSocketChannel silent = ServerSocketChannel.open().bind(loopback())) {
            String address = "tcp://127.0.0.1:" + ((InetSocketAddress) silent.getLocalAddress()).getPort();
            try (Engine plain = Engines.open(address, Set.of(), Engines.Patience.STANDARD, TestEngines.OWNER);
                    Engine secure = Engines.open(
                            address, tls(ours, agent, ""), Set.of(), Engines.Patience.STANDARD, TestEngines.OWNER)) {
                assertThat(problem(plain)).contains("takes connections but does not answer");
                assertThat(problem(secure)).contains("takes connections but does not answer");
            }
        }
    }

    @Test
    void files_thatCannotBeUsed_areNamed() throws Exception {
        Path none = directory.resolve("none.pem");
        Path text = Files.writeString(directory.resolve("text.pem"), "a text");
        EngineTls good = tls(ours, agent, "").orElseThrow();

        assertThat(problem(null, Optional.of(new EngineTls(none, good.certificate(), good.key(), ""))))
                .isEqualTo("--engine-ca " + none + ": there is no such file; name one in PEM");
        assertThat(problem(null, Optional.of(new EngineTls(good.authorities(), text, good.key(), ""))))
                .isEqualTo("--engine-cert " + text + " holds no certificate; name a file in PEM");
        assertThat(problem(null, Optional.of(new EngineTls(good.authorities(), good.certificate(), text, ""))))
                .startsWith("--engine-key " + text + " holds no key that can be read; write it as PEM");
    }

    @Test
    void plaintextToAnotherMachine_isRefused() throws Exception {
        for (String address : List.of("tcp://10.0.0.1:1234", "tcp://example.com:1234")) {
            assertThatThrownBy(() -> Engines.open(address, Set.of(), Engines.Patience.STANDARD, TestEngines.OWNER))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("engine \"" + address + "\" is refused: ")
                    .hasMessageContaining("name --engine-ca, --engine-cert and --engine-key here");
        }
        Optional<EngineTls> tls = tls(ours, agent, "");
        assertThatThrownBy(() ->
                        Engines.open("unix:///run/b.sock", tls, Set.of(), Engines.Patience.STANDARD, TestEngines.OWNER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("they are for tcp://");
    }

    @Test
    void anotherMachinesKernel_isNotOffered() throws Exception {
        try (Bridge bridge = bridge(ours.server(engine));
                Engine opened = open(bridge, tls(ours, agent, ""))) {
            String own =
                    Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
            String other = UUID.randomUUID().toString();

            assertThat(Probe.kernel(opened::solve, AMD64, own, "a" + other)).isEmpty();
            assertThat(Probe.kernel(opened::solve, AMD64, other, "b" + other))
                    .isEqualTo("the engine runs on another machine, of which this agent proves nothing;"
                            + " start the agent on the engine's own machine");
        }
    }

    private String problem(@Nullable SSLContext server, Optional<EngineTls> tls) throws Exception {
        try (Bridge bridge = bridge(server);
                Engine opened = open(bridge, tls)) {
            return problem(opened);
        }
    }

    private static String problem(Engine opened) throws InterruptedException {
        long start = System.nanoTime();
        EngineReport report = opened.probe();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PROMPT);
        assertThat(report.usable()).isFalse();
        assertThat(report.problem()).doesNotContain("\n", "Exception");
        return report.problem();
    }

    private Optional<EngineTls> tls(Certificates trusted, Certificates.Signed own, String serverName) throws Exception {
        String name = UUID.randomUUID().toString();
        return Optional.of(new EngineTls(
                trusted.file(directory),
                Certificates.certificate(directory, name, own),
                Certificates.key(directory, name, own),
                serverName));
    }

    private static Bridge bridge(@Nullable SSLContext server) throws Exception {
        return new Bridge(Bridge.Upstream.docker(Lab.dockerHost()), loopback(), server);
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    }

    private static Engine open(Bridge bridge, Optional<EngineTls> tls) throws Exception {
        return Engines.open(
                "tcp://127.0.0.1:" + bridge.port(), tls, Set.of(), Engines.Patience.STANDARD, TestEngines.OWNER);
    }
}
