package dev.sheaf.agent.engine.session;

import dev.sheaf.buildkit.auth.AuthGrpc;
import dev.sheaf.buildkit.auth.CredentialsRequest;
import dev.sheaf.buildkit.auth.CredentialsResponse;
import dev.sheaf.v1.RegistryCredential;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Says the credentials of this build, and of no other; asked many times a build. */
final class AuthService extends AuthGrpc.AuthImplBase {

    private static final String DOCKER_HUB = "docker.io";
    private static final Set<String> DOCKER_HUB_NAMES =
            Set.of(DOCKER_HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com");

    private final Map<String, CredentialsResponse> byHost = new HashMap<>();

    AuthService(List<RegistryCredential> credentials) {
        for (RegistryCredential credential : credentials) {
            byHost.put(host(credential.getRegistry()), answer(credential));
        }
    }

    @Override
    public void credentials(CredentialsRequest request, StreamObserver<CredentialsResponse> caller) {
        caller.onNext(byHost.getOrDefault(host(request.getHost()), CredentialsResponse.getDefaultInstance()));
        caller.onCompleted();
    }

    /** One name for one registry: without scheme and path, Docker Hub under its short name. */
    static String host(String name) {
        String host = name.toLowerCase(Locale.ROOT);
        int scheme = host.indexOf("://");
        host = scheme < 0 ? host : host.substring(scheme + 3);
        int path = host.indexOf('/');
        host = path < 0 ? host : host.substring(0, path);
        return DOCKER_HUB_NAMES.contains(host) ? DOCKER_HUB : host;
    }

    private static CredentialsResponse answer(RegistryCredential credential) {
        if (!credential.getIdentityToken().isEmpty()) {
            return CredentialsResponse.newBuilder()
                    .setSecret(credential.getIdentityToken())
                    .build();
        }
        return CredentialsResponse.newBuilder()
                .setUsername(credential.getUsername())
                .setSecret(credential.getPassword())
                .build();
    }
}
