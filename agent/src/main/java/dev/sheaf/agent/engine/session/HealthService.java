package dev.sheaf.agent.engine.session;

import dev.sheaf.buildkit.health.HealthCheckRequest;
import dev.sheaf.buildkit.health.HealthCheckResponse;
import dev.sheaf.buildkit.health.HealthGrpc;
import io.grpc.stub.StreamObserver;

/** Answers that the build's services are there. */
final class HealthService extends HealthGrpc.HealthImplBase {

    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> caller) {
        caller.onNext(HealthCheckResponse.newBuilder()
                .setStatus(HealthCheckResponse.ServingStatus.SERVING)
                .build());
        caller.onCompleted();
    }
}
