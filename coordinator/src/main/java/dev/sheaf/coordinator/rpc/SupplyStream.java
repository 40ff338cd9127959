package dev.sheaf.coordinator.rpc;

import dev.sheaf.coordinator.context.TeamBlobs;
import dev.sheaf.coordinator.context.WantedBlobs;
import dev.sheaf.image.Digest;
import dev.sheaf.v1.BlobChunk;
import dev.sheaf.v1.SupplyRequest;
import dev.sheaf.v1.SupplyResponse;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One connection of a submitter: names of wanted blobs go out on a thread of their own, blobs come in. */
final class SupplyStream implements StreamObserver<SupplyRequest> {
    private static final Duration RECHECK = Duration.ofSeconds(1);

    private final WantedBlobs wanted;
    private final Places places;
    private final Executor streams;
    private final Outbound<SupplyResponse> outbound;
    private @Nullable Supply supply;
    /** The rest of this blob is dropped: it was refused in its middle. */
    private String refused = "";

    /** Where blobs go. */
    @FunctionalInterface
    interface Places {
        /** Empty: the caller has no such build. */
        Optional<TeamBlobs> of(String build) throws InterruptedException;
    }

    /** The supply of one build. */
    private record Supply(WantedBlobs.Supplier supplier, BlobReceiver receiver) {}

    SupplyStream(WantedBlobs wanted, Places places, Executor streams, StreamObserver<SupplyResponse> observer) {
        this.wanted = wanted;
        this.places = places;
        this.streams = streams;
        this.outbound = new Outbound<>(observer);
    }

    @Override
    public void onNext(SupplyRequest request) {
        if (outbound.isOver()) {
            return;
        }
        try {
            Supply open = supply;
            if (open == null) {
                begin(request);
            } else {
                take(request.getChunk(), open);
            }
        } catch (IOException | InterruptedException | StatusException | RuntimeException e) {
            end();
            outbound.end(Statuses.of(e));
        }
    }

    @Override
    public void onError(Throwable failure) {
        end();
    }

    @Override
    public void onCompleted() {
        end();
        outbound.complete();
    }

    private void begin(SupplyRequest request) throws InterruptedException, StatusException {
        TeamBlobs blobs = places.of(request.getBuildId())
                .orElseThrow(() -> Statuses.notFound("no build to supply: " + request.getBuildId()));
        WantedBlobs.Supplier open = wanted.supplier(request.getBuildId());
        supply = new Supply(open, new BlobReceiver(blobs));
        streams.execute(() -> name(open));
    }

    private void name(WantedBlobs.Supplier open) {
        try (open) {
            while (!outbound.isOver()) {
                Optional<List<Digest>> names = open.next(RECHECK);
                if (names.isEmpty()) {
                    outbound.complete();
                    return;
                }
                if (!names.get().isEmpty()) {
                    outbound.send(SupplyResponse.newBuilder()
                            .addAllDigests(
                                    names.get().stream().map(Digest::value).toList())
                            .build());
                }
            }
        } catch (InterruptedException e) {
            outbound.end(Statuses.of(e));
        }
    }

    private void take(BlobChunk chunk, Supply open) throws IOException {
        if (!chunk.getMissing().isEmpty()) {
            open.receiver().close();
            open.supplier().refuse(Digest.parse(chunk.getDigest()), chunk.getMissing());
            return;
        }
        if (!refused.equals(chunk.getDigest())) {
            try {
                open.receiver().accept(chunk);
            } catch (IOException e) {
                // One blob that cannot be taken is that blob's end, not the stream's: the agent that waits hears why.
                open.receiver().close();
                refused = chunk.getDigest();
                open.supplier().fail(Digest.parse(chunk.getDigest()), e);
            }
        }
        if (chunk.getLast()) {
            refused = "";
        }
    }

    private void end() {
        Supply open = supply;
        if (open == null) {
            return;
        }
        open.supplier().close();
        try {
            open.receiver().close();
        } catch (IOException e) {
            outbound.end(Statuses.of(e));
        }
    }
}
