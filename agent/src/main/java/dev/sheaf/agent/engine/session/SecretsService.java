package dev.sheaf.agent.engine.session;

import com.google.protobuf.ByteString;
import dev.sheaf.buildkit.secrets.GetSecretRequest;
import dev.sheaf.buildkit.secrets.GetSecretResponse;
import dev.sheaf.buildkit.secrets.SecretsGrpc;
import dev.sheaf.v1.Secret;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Gives the secrets of this build to the steps that mount them. */
final class SecretsService extends SecretsGrpc.SecretsImplBase {

    private final Map<String, ByteString> byId = new HashMap<>();

    SecretsService(List<Secret> secrets) {
        for (Secret secret : secrets) {
            byId.put(secret.getId(), secret.getValue());
        }
    }

    @Override
    public void getSecret(GetSecretRequest request, StreamObserver<GetSecretResponse> caller) {
        ByteString value = byId.get(request.getID());
        if (value == null) {
            // BuildKit tells an optional secret from a required one by exactly this code.
            caller.onError(Status.NOT_FOUND
                    .withDescription("secret " + request.getID() + " not found")
                    .asRuntimeException());
            return;
        }
        caller.onNext(GetSecretResponse.newBuilder().setData(value).build());
        caller.onCompleted();
    }
}
