package dev.sheaf.agent.engine.channel;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/**
 * Where an engine listens.
 *
 * @param kind what listens there
 * @param text as the operator wrote it
 * @param socket the address itself
 */
public record EngineAddress(Kind kind, String text, SocketAddress socket) {

    /** What listens at an address. */
    public enum Kind {
        /** Docker Engine. */
        DOCKER,
        /** A Unix socket of Docker Engine or of BuildKit alone: to be found out. */
        UNKNOWN,
        /** BuildKit alone. */
        BUILDKIT
    }

    /** Parses "docker:///path", "unix:///path" or "tcp://127.0.0.1:port"; throws a sentence for people. */
    public static EngineAddress parse(String text) {
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw refused(text);
        }
        return switch (uri.getScheme()) {
            case "docker" -> new EngineAddress(Kind.DOCKER, text, unix(text, uri));
            case "unix" -> new EngineAddress(Kind.UNKNOWN, text, unix(text, uri));
            case "tcp" -> new EngineAddress(Kind.BUILDKIT, text, loopback(text, uri));
            case null, default -> throw refused(text);
        };
    }

    /** The same place, now known to be of this kind. */
    public EngineAddress as(Kind known) {
        return new EngineAddress(known, text, socket);
    }

    /** Path of a Unix socket. */
    public Path path() {
        return switch (socket) {
            case UnixDomainSocketAddress unix -> unix.getPath();
            default -> throw new IllegalStateException(text + " has no path");
        };
    }

    private static SocketAddress unix(String text, URI uri) {
        String path = uri.getPath();
        if (uri.getRawAuthority() != null || path == null || path.length() < 2) {
            throw refused(text);
        }
        return UnixDomainSocketAddress.of(path);
    }

    private static SocketAddress loopback(String text, URI uri) {
        String host = uri.getHost();
        if (host == null || uri.getPort() < 1) {
            throw refused(text);
        }
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        InetAddress address = switch (bare) {
            case "localhost" -> InetAddress.getLoopbackAddress();
            default -> literal(text, bare);
        };
        if (!address.isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "engine \"" + text
                            + "\" is not on this machine: an agent drives the engine of its own host; use 127.0.0.1 or a socket");
        }
        return new InetSocketAddress(address, uri.getPort());
    }

    private static InetAddress literal(String text, String host) {
        try {
            return InetAddress.ofLiteral(host);
        } catch (IllegalArgumentException e) {
            throw refused(text);
        }
    }

    private static IllegalArgumentException refused(String text) {
        return new IllegalArgumentException("engine \"" + text
                + "\" is not an address: use docker:///var/run/docker.sock, unix:///run/buildkit/buildkitd.sock or"
                + " tcp://127.0.0.1:1234");
    }
}
