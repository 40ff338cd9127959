package dev.sheaf.agent.engine.login;

import dev.sheaf.v1.RegistryCredential;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Whose login is whose: registries have several names. */
public final class Logins {

    private static final String DOCKER_HUB = "docker.io";
    private static final Set<String> DOCKER_HUB_NAMES =
            Set.of(DOCKER_HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com");

    private Logins() {}

    /** The build's login for a registry; of several the last. */
    public static Optional<RegistryCredential> find(List<RegistryCredential> credentials, String registry) {
        return credentials.stream()
                .filter(credential -> host(credential.getRegistry()).equals(host(registry)))
                .reduce((_, last) -> last);
    }

    /** One name for one registry: without scheme and path, Docker Hub under its short name. */
    public static String host(String name) {
        String host = name.toLowerCase(Locale.ROOT);
        int scheme = host.indexOf("://");
        host = scheme < 0 ? host : host.substring(scheme + 3);
        int path = host.indexOf('/');
        host = path < 0 ? host : host.substring(0, path);
        return DOCKER_HUB_NAMES.contains(host) ? DOCKER_HUB : host;
    }
}
