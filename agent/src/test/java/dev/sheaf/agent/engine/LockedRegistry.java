package dev.sheaf.agent.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The door of a registry without TLS: lets nobody in, and remembers who knocked. */
final class LockedRegistry implements AutoCloseable {

    private static final int TLS_HANDSHAKE = 0x16;
    private static final String BASIC = "authorization: basic ";

    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private final ServerSocket server;

    LockedRegistry() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        Thread.ofVirtual().start(this::accept);
    }

    String host() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** "user:password" of all who knocked. */
    Set<String> askedWith() {
        return asked;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket guest = server.accept();
                Thread.ofVirtual().start(() -> answer(guest));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void answer(Socket guest) {
        try (guest;
                PushbackInputStream in = new PushbackInputStream(guest.getInputStream());
                OutputStream out = guest.getOutputStream()) {
            int first = in.read();
            if (first == TLS_HANDSHAKE) {
                // What tells a client that it may try again without TLS.
                out.write("HTTP/1.0 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                return;
            }
            in.unread(first);
            BufferedReader head = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
            for (String line = head.readLine(); line != null && !line.isEmpty(); line = head.readLine()) {
                if (line.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
                    asked.add(new String(
                            Base64.getDecoder().decode(line.substring(BASIC.length())), StandardCharsets.UTF_8));
                }
            }
            String answer = String.join(
                    "\r\n",
                    "HTTP/1.1 401 Unauthorized",
                    "WWW-Authenticate: Basic realm=\"locked\"",
                    "Content-Length: 0",
                    "Connection: close",
                    "",
                    "");
            out.write(answer.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // The guest has left.
        }
    }
}
