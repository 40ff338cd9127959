package dev.sheaf.agent.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
final class ReachTest {
    private static final Duration PATIENCE = Duration.ofMillis(300);

    @TempDir
    private Path directory;

    private Path socket;

    @BeforeEach
    void name() {
        socket = directory.resolve("engine.sock");
    }

    @Test
    void identify_noSocket_saysSo() {
        assertThatThrownBy(() -> identify("unix://"))
                .hasMessage("unix://" + socket
                        + ": there is no such socket; start the engine, or name its address with --engine");
    }

    @Test
    void identify_socketOfADeadEngine_saysThatNobodyListens() throws IOException {
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(socket))
                .close();

        assertThat(socket).exists();
        assertThatThrownBy(() -> identify("docker://")).hasMessageContaining("nobody listens there; start the engine");
    }

    @Test
    void identify_fileThatIsNoSocket_saysThatNobodyListens() throws IOException {
        Files.writeString(socket, "a file");

        assertThatThrownBy(() -> identify("unix://")).hasMessageContaining("nobody listens there");
    }

    @Test
    void identify_engineThatHangs_isGivenUp() throws IOException {
        try (ServerSocketChannel server = listen()) {
            assertThat(server.isOpen()).isTrue();
            assertThatThrownBy(() -> identify("unix://"))
                    .hasMessage(
                            "unix://" + socket
                                    + " takes connections but does not answer: the engine hangs; look into its log, restart it");
        }
    }

    @Test
    void identify_answersHttp_isDocker() throws IOException {
        try (ServerSocketChannel server = listen()) {
            answer(server, "HTTP/1.1 200 OK\r\n\r\n");

            assertThat(identify("unix://").kind()).isEqualTo(EngineAddress.Kind.DOCKER);
        }
    }

    @Test
    void identify_hangsUpOrSpeaksHttp2_isBuildKit() throws IOException {
        try (ServerSocketChannel server = listen()) {
            answer(server, "");
            assertThat(identify("unix://").kind()).isEqualTo(EngineAddress.Kind.BUILDKIT);
            answer(server, "\0\0\0\4\0\0");
            assertThat(identify("unix://").kind()).isEqualTo(EngineAddress.Kind.BUILDKIT);
            answer(server, "");
            assertThatThrownBy(() -> identify("docker://"))
                    .hasMessageContaining("is not the socket of a Docker Engine")
                    .hasMessageEndingWith("write unix://" + socket);
        }
    }

    @Test
    void words_permission_namesTheGroup() {
        // Root may use every socket, so this one is not to be had from a real file here.
        assertThat(Reach.words(EngineAddress.parse("unix:///x"), "Permission denied"))
                .isEqualTo("unix:///x: permission denied; run the agent as root, or as a member of the socket's group");
    }

    @Test
    void words_status_isOneLineWithTheRootCause() {
        Status status = Status.UNAVAILABLE
                .withDescription("io exception")
                .withCause(new IOException("outer", new IOException("reset\n\tat a.b.c")));

        assertThat(Reach.words(EngineAddress.parse("tcp://127.0.0.1:9"), status))
                .isEqualTo("tcp://127.0.0.1:9 does not answer: reset at a.b.c; start the engine, or look into its log");
    }

    private EngineAddress identify(String scheme) throws IOException {
        return Reach.identify(EngineAddress.parse(scheme + socket), PATIENCE);
    }

    private ServerSocketChannel listen() throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
    }

    private static void answer(ServerSocketChannel server, String text) {
        Thread.ofVirtual().start(() -> {
            try (SocketChannel client = server.accept()) {
                client.read(ByteBuffer.allocate(1000));
                client.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }
}
