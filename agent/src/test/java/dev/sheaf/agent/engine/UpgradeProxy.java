package dev.sheaf.agent.engine;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** Stands in for a BuildKit of its own: passes on to the one inside Docker Engine. */
final class UpgradeProxy implements AutoCloseable {

    private final SocketAddress docker;
    private final ServerSocketChannel server;

    UpgradeProxy(String dockerHost, SocketAddress listen) throws IOException {
        docker = UnixDomainSocketAddress.of(dockerHost.substring("unix://".length()));
        server = listen instanceof UnixDomainSocketAddress
                ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                : ServerSocketChannel.open();
        server.bind(listen);
        Thread.ofVirtual().start(this::accept);
    }

    SocketAddress address() throws IOException {
        return server.getLocalAddress();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                Thread.ofVirtual().start(() -> connect(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void connect(SocketChannel client) {
        try (client;
                SocketChannel engine = SocketChannel.open(docker)) {
            ByteBuffer first = ByteBuffer.allocate(4);
            while (first.hasRemaining() && client.read(first) >= 0) {
                // until four bytes are there, or the end
            }
            if (!new String(first.array(), StandardCharsets.US_ASCII).equals("PRI ")) {
                return;
            }
            engine.write(ByteBuffer.wrap("POST /grpc HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII)));
            skipHead(engine);
            engine.write(first.flip());
            Thread back = Thread.ofVirtual().start(() -> pump(engine, client));
            pump(client, engine);
            back.interrupt();
        } catch (IOException e) {
            // One of the two has left.
        }
    }

    private static void skipHead(SocketChannel engine) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n") && engine.read(one.clear()) > 0) {
            head.append((char) one.get(0));
        }
    }

    private static void pump(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        try {
            while (from.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
            }
        } catch (IOException e) {
            // One of the two has left.
        }
    }
}
