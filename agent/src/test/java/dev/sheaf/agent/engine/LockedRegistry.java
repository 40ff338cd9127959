package dev.sheaf.agent.engine;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The door of a registry: lets in one user, and remembers who knocked. */
final class LockedRegistry implements AutoCloseable {

    private final String expected;
    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private final HttpServer server;

    LockedRegistry(String user, String password) throws IOException {
        expected = user + ":" + password;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** "user:password" of all who knocked. */
    Set<String> askedWith() {
        return asked;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        String given = header == null || !header.startsWith("Basic ")
                ? ""
                : new String(Base64.getDecoder().decode(header.substring(6)), StandardCharsets.UTF_8);
        asked.add(given);
        exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"locked\"");
        exchange.sendResponseHeaders(given.equals(expected) ? 404 : 401, -1);
        exchange.close();
    }
}
