package dev.sheaf.image.registry;

import dev.sheaf.endpoint.Loopback;
import java.net.URI;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where a registry is called: Docker Hub by its real host, clear text only on this machine or where it was allowed. */
record RegistryAddress(String name, URI base) {
    private static final String DOCKER_HUB = "docker.io";

    static RegistryAddress of(String name, Set<String> insecureHosts) {
        String host = name.equals(DOCKER_HUB) ? "registry-1.docker.io" : name;
        boolean plain =
                insecureHosts.contains(name) || insecureHosts.contains(bare(host)) || Loopback.contains(bare(host));
        try {
            return new RegistryAddress(name, URI.create((plain ? "http://" : "https://") + host + "/"));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + name + "\" is not a registry: write host or host:port", e);
        }
    }

    private static String bare(String host) {
        int colon = host.lastIndexOf(':');
        return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    }

    URI resolve(String path) {
        return base.resolve(path);
    }

    boolean isPlain() {
        return "http".equals(base.getScheme());
    }

    /** Whether this URI is the registry itself: same scheme, host and port. */
    boolean isOrigin(URI uri) {
        return origin(base).equals(origin(uri));
    }

    /** Whether the host is the registry's, on whatever port. */
    boolean isSameHost(URI uri) {
        return lower(base.getHost()).equals(lower(uri.getHost()));
    }

    /** Scheme, host and port, which are safe to show: never user, path or query. */
    static String origin(URI uri) {
        String scheme = lower(uri.getScheme());
        int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
        return scheme + "://" + lower(uri.getHost()) + ":" + port;
    }

    private static String lower(@Nullable String text) {
        return text == null ? "" : text.toLowerCase(Locale.ROOT);
    }
}
