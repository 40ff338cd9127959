package dev.sheaf.coordinator.rpc;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.context.BlobStore;
import dev.sheaf.coordinator.context.TeamBlobs;
import dev.sheaf.coordinator.context.WantedBlobs;
import dev.sheaf.coordinator.dispatch.AgentControl;
import dev.sheaf.coordinator.dispatch.Dispatcher;
import dev.sheaf.coordinator.rpc.caller.Peer;
import dev.sheaf.image.Digest;
import dev.sheaf.v1.BlobChunk;
import dev.sheaf.v1.ContextStoreGrpc;
import dev.sheaf.v1.FetchRequest;
import dev.sheaf.v1.FindMissingRequest;
import dev.sheaf.v1.FindMissingResponse;
import dev.sheaf.v1.SupplyRequest;
import dev.sheaf.v1.SupplyResponse;
import dev.sheaf.v1.UploadResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;

/** Build contexts, in and out. */
public final class ContextEndpoint extends ContextStoreGrpc.ContextStoreImplBase {
    /** Digests of one question. */
    static final int MAX_DIGESTS = 10_000;

    private final Dispatcher dispatcher;
    private final AgentControl control;
    private final BlobStore store;
    private final WantedBlobs wanted;
    private final Executor streams;

    /** Streams that send are served on threads of the executor, one each. */
    public ContextEndpoint(
            Dispatcher dispatcher, AgentControl control, BlobStore store, WantedBlobs wanted, Executor streams) {
        this.dispatcher = dispatcher;
        this.control = control;
        this.store = store;
        this.wanted = wanted;
        this.streams = streams;
    }

    @Override
    public void findMissing(FindMissingRequest request, StreamObserver<FindMissingResponse> observer) {
        TeamBlobs own = store.of(Peer.current().team());
        Statuses.answer(observer, () -> {
            if (request.getDigestsCount() > MAX_DIGESTS) {
                throw new IllegalArgumentException(
                        "a call asks for at most " + MAX_DIGESTS + " blobs, found " + request.getDigestsCount());
            }
            List<Digest> digests =
                    request.getDigestsList().stream().map(Digest::parse).toList();
            return FindMissingResponse.newBuilder()
                    .addAllDigests(
                            own.missing(digests).stream().map(Digest::value).toList())
                    .build();
        });
    }

    @Override
    public StreamObserver<BlobChunk> upload(StreamObserver<UploadResponse> observer) {
        return new Upload(
                new Outbound<>(observer),
                new BlobReceiver(store.of(Peer.current().team())));
    }

    @Override
    public StreamObserver<SupplyRequest> supply(StreamObserver<SupplyResponse> observer) {
        Peer peer = Peer.current();
        SupplyStream.Places places = build -> dispatcher
                .build(new BuildId(build))
                .map(known -> known.request().team())
                .filter(peer::sees)
                .map(store::of);
        return new SupplyStream(wanted, places, streams, observer);
    }

    @Override
    public StreamObserver<FetchRequest> fetch(StreamObserver<BlobChunk> observer) {
        return new FetchStream(wanted, AgentEndpoint.holder(dispatcher, control), streams, observer);
    }

    /** Blobs that a submitter sends unasked. */
    private record Upload(Outbound<UploadResponse> outbound, BlobReceiver receiver)
            implements StreamObserver<BlobChunk> {
        @Override
        public void onNext(BlobChunk chunk) {
            if (outbound.isOver()) {
                return;
            }
            try {
                receiver.accept(chunk);
            } catch (IOException | RuntimeException e) {
                close();
                outbound.end(Statuses.of(e));
            }
        }

        @Override
        public void onError(Throwable failure) {
            close();
        }

        @Override
        public void onCompleted() {
            try {
                if (receiver.isInsideBlob()) {
                    close();
                    outbound.end(Status.INVALID_ARGUMENT.withDescription("the upload ended inside of a blob"));
                    return;
                }
                outbound.send(UploadResponse.newBuilder()
                        .setStoredBytes(receiver.storedBytes())
                        .build());
                outbound.complete();
            } catch (InterruptedException e) {
                outbound.end(Statuses.of(e));
            }
        }

        private void close() {
            try {
                receiver.close();
            } catch (IOException e) {
                outbound.end(Statuses.of(e));
            }
        }
    }
}
