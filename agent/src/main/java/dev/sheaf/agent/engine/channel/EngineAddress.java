package dev.sheaf.agent.engine.channel;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where an engine listens.
 *
 * @param kind what listens there
 * @param text as the operator wrote it
 * @param socket the address itself; a host's name is not resolved yet
 * @param tls how to speak TLS there. Empty: plaintext
 */
public record EngineAddress(Kind kind, String text, SocketAddress socket, Optional<EngineTls> tls) {

    /** What listens at an address. */
    public enum Kind {
        /** Docker Engine. */
        DOCKER,
        /** A Unix socket of Docker Engine or of BuildKit alone: to be found out. */
        UNKNOWN,
        /** BuildKit alone. */
        BUILDKIT
    }

    /** Parses "docker:///path", "unix:///path" or "tcp://host:port"; throws a sentence for people. */
    public static EngineAddress parse(String text) {
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw refused(text);
        }
        return switch (uri.getScheme()) {
            case "docker" -> new EngineAddress(Kind.DOCKER, text, unix(text, uri), Optional.empty());
            case "unix" -> new EngineAddress(Kind.UNKNOWN, text, unix(text, uri), Optional.empty());
            case "tcp" -> new EngineAddress(Kind.BUILDKIT, text, port(text, uri), Optional.empty());
            case null, default -> throw refused(text);
        };
    }

    /** The same place, now known to be of this kind. */
    public EngineAddress as(Kind known) {
        return new EngineAddress(known, text, socket, tls);
    }

    /** The same place, to be spoken to in this way; throws a sentence for people if that is unsafe or makes no sense. */
    public EngineAddress over(Optional<EngineTls> way) {
        if (way.isPresent() && !isPort()) {
            throw new IllegalArgumentException("engine \"" + text
                    + "\" is a socket of this machine: leave --engine-ca, --engine-cert and --engine-key out, they are for"
                    + " tcp://");
        }
        if (way.isEmpty() && elsewhere()) {
            throw new IllegalArgumentException("engine \"" + text
                    + "\" is refused: whoever reaches a port without TLS builds there as root; start buildkitd with"
                    + " --tlscacert, --tlscert and --tlskey and name --engine-ca, --engine-cert and --engine-key here, or"
                    + " use 127.0.0.1 or a socket");
        }
        return new EngineAddress(kind, text, socket, way);
    }

    /** Whether it is a port, behind which another machine may be. */
    public boolean isPort() {
        return socket instanceof InetSocketAddress;
    }

    private boolean elsewhere() {
        return socket instanceof InetSocketAddress port
                && (port.isUnresolved() || !port.getAddress().isLoopbackAddress());
    }

    /** The name that a certificate must hold. */
    String serverName() {
        String named = tls.map(EngineTls::serverName).orElse("");
        return named.isEmpty() && socket instanceof InetSocketAddress port ? port.getHostString() : named;
    }

    /** The socket's address; a host's name is resolved now, and stays unresolved if nobody knows it. */
    SocketAddress resolved() {
        return socket instanceof InetSocketAddress port && port.isUnresolved()
                ? new InetSocketAddress(port.getHostString(), port.getPort())
                : socket;
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

    private static SocketAddress port(String text, URI uri) {
        String host = uri.getHost();
        if (host == null
                || uri.getPort() < 1
                || uri.getPort() > 65_535
                || !uri.getPath().isEmpty()) {
            throw refused(text);
        }
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        if (bare.equals("localhost")) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), uri.getPort());
        }
        try {
            return new InetSocketAddress(InetAddress.ofLiteral(bare), uri.getPort());
        } catch (IllegalArgumentException e) {
            return InetSocketAddress.createUnresolved(bare, uri.getPort());
        }
    }

    private static IllegalArgumentException refused(String text) {
        return new IllegalArgumentException("engine \"" + text
                + "\" is not an address: use docker:///var/run/docker.sock, unix:///run/buildkit/buildkitd.sock or"
                + " tcp://127.0.0.1:1234");
    }
}
