package dev.sheaf.coordinator.store.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** Between a client and a server; cuts the connection after so many messages of the client, before it hears an answer. */
final class CuttingProxy implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    private final ServerSocket listener;
    private final int port;
    private final AtomicInteger messagesLeft = new AtomicInteger(Integer.MAX_VALUE);
    private final AtomicInteger cuts = new AtomicInteger();

    CuttingProxy(int port) throws IOException {
        this.port = port;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    int cuts() {
        return cuts.get();
    }

    /** The last of these reaches the server, its answer does not reach the client. */
    void cutAfter(int messages) {
        messagesLeft.set(messages);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                Thread.ofVirtual().start(() -> copy(client, server, true));
                Thread.ofVirtual().start(() -> copy(server, client, false));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void copy(Socket from, Socket to, boolean isClient) {
        byte[] buffer = new byte[BUFFER];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                boolean isLast = isClient && messagesLeft.decrementAndGet() == 0;
                if (isLast) {
                    messagesLeft.set(Integer.MAX_VALUE);
                    cuts.incrementAndGet();
                    from.close();
                }
                out.write(buffer, 0, read);
                if (isLast) {
                    return;
                }
            }
        } catch (IOException e) {
            // the other direction ended
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
