package dev.sheaf.agent.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * An address of a test's own in front of a real BuildKit: pipes bytes both ways and understands none. Before the one
 * inside Docker Engine it asks for the upgrade that Docker wants, so that what is connected answers as a BuildKit alone
 * does.
 */
final class Bridge implements AutoCloseable {
    private static final String UPGRADE =
            "POST /grpc HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";

    /** Opens a connection to the real one. */
    @FunctionalInterface
    interface Upstream {
        SocketChannel open() throws IOException;

        /** The BuildKit inside a Docker Engine. */
        static Upstream docker(String address) {
            return () -> {
                SocketChannel docker = plain(address).open();
                docker.write(ByteBuffer.wrap(UPGRADE.getBytes(StandardCharsets.US_ASCII)));
                skipHead(docker);
                return docker;
            };
        }

        /** A BuildKit alone, at unix:///path or tcp://127.0.0.1:port. */
        static Upstream plain(String address) {
            URI uri = URI.create(address);
            return () -> SocketChannel.open(
                    uri.getScheme().equals("unix")
                            ? UnixDomainSocketAddress.of(uri.getPath())
                            : new InetSocketAddress(uri.getHost(), uri.getPort()));
        }
    }

    private final Upstream upstream;
    private final @Nullable SSLContext tls;
    private final ServerSocketChannel server;
    private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();

    Bridge(Upstream upstream, SocketAddress listen) throws IOException {
        this(upstream, listen, null);
    }

    /**
     * Listens.
     *
     * @param tls ends TLS here, and wants a certificate of whoever comes; null: plaintext
     */
    Bridge(Upstream upstream, SocketAddress listen, @Nullable SSLContext tls) throws IOException {
        this.upstream = upstream;
        this.tls = tls;
        server = listen instanceof UnixDomainSocketAddress
                ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                : ServerSocketChannel.open();
        server.bind(listen);
        Thread.ofVirtual().start(this::accept);
    }

    SocketAddress address() throws IOException {
        return server.getLocalAddress();
    }

    int port() throws IOException {
        return ((InetSocketAddress) address()).getPort();
    }

    @Override
    public void close() throws IOException {
        die();
    }

    /** As an engine dies: connections are cut, nobody listens any more. */
    void die() throws IOException {
        SocketAddress address = server.isOpen() ? address() : null;
        server.close();
        open.forEach(Bridge::cut);
        if (address instanceof UnixDomainSocketAddress unix) {
            Files.deleteIfExists(unix.getPath());
        }
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            if (tls == null) {
                pipe(Channels.newInputStream(client), Channels.newOutputStream(client));
                return;
            }
            try (SSLSocket secure = (SSLSocket) tls.getSocketFactory()
                    .createSocket(client.socket(), null, client.socket().getPort(), true)) {
                secure.setUseClientMode(false);
                secure.setNeedClientAuth(true);
                var parameters = secure.getSSLParameters();
                parameters.setApplicationProtocols(new String[] {"h2"});
                secure.setSSLParameters(parameters);
                secure.startHandshake();
                pipe(secure.getInputStream(), secure.getOutputStream());
            }
        } catch (IOException e) {
            // One of the two has left, or was not let in.
        } finally {
            open.remove(client);
        }
    }

    private void pipe(InputStream fromClient, OutputStream toClient) throws IOException {
        try (SocketChannel engine = upstream.open()) {
            open.add(engine);
            Thread back = Thread.ofVirtual().start(() -> {
                try (toClient) {
                    Channels.newInputStream(engine).transferTo(toClient);
                } catch (IOException e) {
                    // One of the two has left.
                }
            });
            try {
                fromClient.transferTo(Channels.newOutputStream(engine));
            } finally {
                back.interrupt();
                open.remove(engine);
            }
        }
    }

    private static void cut(AutoCloseable connection) {
        try {
            connection.close();
        } catch (Exception e) {
            // It is gone, as it should be.
        }
    }

    private static void skipHead(SocketChannel engine) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n") && engine.read(one.clear()) > 0) {
            head.append((char) one.get(0));
        }
    }
}
