package dev.sheaf.coordinator.rpc;

import com.google.protobuf.UnsafeByteOperations;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.context.BlobReader;
import dev.sheaf.coordinator.context.MissingBlobException;
import dev.sheaf.coordinator.context.WantedBlobs;
import dev.sheaf.coordinator.rpc.wire.AgentWire;
import dev.sheaf.image.Digest;
import dev.sheaf.v1.BlobChunk;
import dev.sheaf.v1.FetchRequest;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One agent's fetch. Names come in and are wanted at once, so that the submitter hears of all of them early; blobs go
 * out on a thread of their own, in the order asked, at the agent's pace. At most {@link #BATCHES} requests are taken
 * before one is answered.
 */
final class FetchStream implements StreamObserver<FetchRequest> {
    /** Digests of one request. */
    static final int MAX_DIGESTS = 1000;

    /** Bytes of a chunk: small enough that those under way die young in the heap, which stays small then. */
    private static final int CHUNK_BYTES = 128 * 1024;

    /** Requests in hand. */
    private static final int BATCHES = 4;

    private static final Duration RECHECK = Duration.ofSeconds(1);

    /** A submitter that lost its connection comes back within this time, or is taken for gone; in rechecks. */
    private static final int SUBMITTER_ABSENCE = 120;

    private final WantedBlobs wanted;
    private final Predicate<LeaseId> isLive;
    private final Executor streams;
    private final Outbound<BlobChunk> outbound;
    private final BlockingQueue<Item> items = new LinkedBlockingQueue<>();
    private @Nullable LeaseId lease;

    /** What the sending thread is told. */
    private sealed interface Item {
        record Batch(List<Digest> digests) implements Item {}

        record End(Status status) implements Item {}
    }

    FetchStream(WantedBlobs wanted, Predicate<LeaseId> isLive, Executor streams, StreamObserver<BlobChunk> observer) {
        this.wanted = wanted;
        this.isLive = isLive;
        this.streams = streams;
        this.outbound = new Outbound<>(observer);
        outbound.pullInbound();
        outbound.pull(BATCHES);
    }

    @Override
    public void onNext(FetchRequest request) {
        try {
            LeaseId named = lease;
            if (named == null) {
                named = AgentWire.lease(request.getLease());
                lease = named;
                LeaseId started = named;
                streams.execute(() -> run(started));
            }
            if (request.getDigestsCount() > MAX_DIGESTS) {
                throw new IllegalArgumentException(
                        "a fetch names at most " + MAX_DIGESTS + " blobs at once, found " + request.getDigestsCount());
            }
            List<Digest> digests =
                    request.getDigestsList().stream().map(Digest::parse).toList();
            requireOf(named.build().value(), digests);
            wanted.want(named.build().value(), digests);
            items.add(new Item.Batch(digests));
        } catch (IOException | StatusException | RuntimeException e) {
            finish(Statuses.of(e));
        }
    }

    @Override
    public void onError(Throwable failure) {
        finish(Status.CANCELLED);
    }

    @Override
    public void onCompleted() {
        finish(Status.OK);
    }

    private void finish(Status status) {
        if (lease == null) {
            outbound.end(status);
        }
        items.add(new Item.End(status));
    }

    private void run(LeaseId named) {
        try {
            requireLive(named);
            while (!outbound.isOver()) {
                Item item = items.poll(RECHECK.toSeconds(), TimeUnit.SECONDS);
                switch (item) {
                    case Item.Batch batch -> {
                        for (Digest digest : batch.digests()) {
                            send(named, digest);
                        }
                        outbound.pull(1);
                    }
                    case Item.End end -> outbound.end(end.status());
                    case null -> requireLive(named);
                }
            }
        } catch (IOException | InterruptedException | MissingBlobException | StatusException | RuntimeException e) {
            outbound.end(Statuses.of(e));
        }
    }

    private void send(LeaseId named, Digest digest)
            throws IOException, InterruptedException, MissingBlobException, StatusException {
        while (!outbound.isOver()) {
            await(named, digest);
            Optional<BlobReader> found = wanted.read(named.build().value(), digest);
            if (found.isPresent()) {
                try (BlobReader reader = found.get()) {
                    copy(digest, reader);
                }
                return;
            }
        }
    }

    private void copy(Digest digest, BlobReader reader) throws IOException, InterruptedException, StatusException {
        boolean last = false;
        while (!last && !outbound.isOver()) {
            long offset = reader.position();
            byte[] bytes;
            try {
                bytes = reader.next(CHUNK_BYTES);
            } catch (IOException e) {
                // The store dropped the damaged blob: a new fetch gets a sound one from the submitter.
                throw Status.UNAVAILABLE.withDescription(e.getMessage()).asException();
            }
            last = reader.position() == reader.size();
            // The array is nobody else's: no copy.
            outbound.send(BlobChunk.newBuilder()
                    .setDigest(digest.value())
                    .setOffset(offset)
                    .setData(UnsafeByteOperations.unsafeWrap(bytes))
                    .setLast(last)
                    .build());
        }
    }

    private void await(LeaseId named, Digest digest)
            throws IOException, InterruptedException, MissingBlobException, StatusException {
        String build = named.build().value();
        int absent = 0;
        while (!outbound.isOver() && !wanted.await(build, digest, RECHECK)) {
            requireLive(named);
            absent = wanted.isSupplied(build) ? 0 : absent + 1;
            if (absent > SUBMITTER_ABSENCE) {
                // Not the submitter's answer: it gave none.
                throw Status.UNAVAILABLE
                        .withDescription("the blob " + digest + " is not here, and the submitter of build " + build
                                + " has been away for "
                                + RECHECK.multipliedBy(SUBMITTER_ABSENCE).toSeconds() + " s")
                        .asException();
            }
        }
    }

    /** A lease opens the blobs of its build, and nobody else's. */
    private void requireOf(String build, List<Digest> digests) throws IOException, StatusException {
        for (Digest digest : digests) {
            if (!wanted.isOf(build, digest)) {
                throw Status.PERMISSION_DENIED
                        .withDescription("the blob " + digest + " is not of the context of build " + build
                                + "; fetch its tree first, then what the tree names")
                        .asException();
            }
        }
    }

    private void requireLive(LeaseId named) throws StatusException {
        if (!isLive.test(named)) {
            throw Statuses.leaseIsNotLive(named.slice());
        }
    }
}
