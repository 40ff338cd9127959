package dev.sheaf.agent.engine.session;

import dev.sheaf.agent.engine.login.Logins;
import dev.sheaf.buildkit.auth.AuthGrpc;
import dev.sheaf.buildkit.auth.CredentialsRequest;
import dev.sheaf.buildkit.auth.CredentialsResponse;
import dev.sheaf.v1.RegistryCredential;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Says the credentials of this build, and of no other; asked many times a build. */
final class AuthService extends AuthGrpc.AuthImplBase {

    private final Map<String, CredentialsResponse> byHost = new HashMap<>();

    AuthService(List<RegistryCredential> credentials) {
        for (RegistryCredential credential : credentials) {
            byHost.put(Logins.host(credential.getRegistry()), answer(credential));
        }
    }

    @Override
    public void credentials(CredentialsRequest request, StreamObserver<CredentialsResponse> caller) {
        caller.onNext(byHost.getOrDefault(Logins.host(request.getHost()), CredentialsResponse.getDefaultInstance()));
        caller.onCompleted();
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
