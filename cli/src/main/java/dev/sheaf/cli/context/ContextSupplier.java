package dev.sheaf.cli.context;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.sheaf.cli.context.TreeContext.Blob;
import dev.sheaf.image.Digest;
import dev.sheaf.v1.BlobChunk;
import dev.sheaf.v1.ContextStoreGrpc;
import dev.sheaf.v1.FindMissingRequest;
import dev.sheaf.v1.SupplyRequest;
import dev.sheaf.v1.SupplyResponse;
import dev.sheaf.v1.UploadResponse;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Sends the files of a context to the farm: the list at first, then each file that is asked for. */
public final class ContextSupplier implements AutoCloseable {
    private static final int CHUNK_BYTES = 256 * 1024;
    private static final Duration CALL_LIMIT = Duration.ofSeconds(30);
    /** Digests of one question. */
    private static final int MAX_ASKED = 10_000;

    private static final int UPLOAD_ATTEMPTS = 5;
    private static final long FIRST_PAUSE_MILLIS = 200;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;

    private final Channel channel;
    private final BuildContext context;
    private final AtomicLong sentBytes = new AtomicLong();
    private final ConcurrentLinkedQueue<String> refusals = new ConcurrentLinkedQueue<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CompletableFuture<Status> supplied = new CompletableFuture<>();

    /** What comes in from the farm while a stream is open. */
    private sealed interface Event {
        record Wanted(List<String> digests) implements Event {}

        record Ended(Status status) implements Event {}
    }

    /** Takes the chunks of blobs. */
    @FunctionalInterface
    private interface Sink {
        /** Waits until there is room, then sends. False: the stream is gone. */
        boolean send(BlobChunk chunk) throws InterruptedException;
    }

    /** A supplier of this context to the farm behind this channel. */
    public ContextSupplier(Channel channel, BuildContext context) {
        this.channel = channel;
        this.context = context;
    }

    /** Makes the farm hold the list of files. Does nothing for a context that the engine fetches itself. */
    public void uploadTree() throws InterruptedException {
        if (context instanceof TreeContext tree) {
            upload(tree, List.of(tree.treeDigest()));
        }
    }

    /**
     * Makes the farm hold the list of files and the files: nobody will be here to supply them. Does nothing for a
     * context that the engine fetches itself.
     */
    public void uploadAll() throws ContextException, InterruptedException {
        if (!(context instanceof TreeContext tree)) {
            return;
        }
        List<String> all = List.copyOf(tree.digests());
        // What was named first may have been evicted when the last was sent: all is named again, and kept from then on
        // until the build is accepted, which keeps it until its end.
        for (int round = 1; round <= 2; round++) {
            for (int from = 0; from < all.size(); from += MAX_ASKED) {
                upload(tree, all.subList(from, Math.min(all.size(), from + MAX_ASKED)));
            }
        }
        if (!refusals.isEmpty()) {
            throw new ContextException(refusals.peek() + "; build again");
        }
    }

    private void upload(TreeContext tree, List<String> digests) throws InterruptedException {
        long pause = FIRST_PAUSE_MILLIS;
        for (int attempt = 1; ; attempt++) {
            try {
                uploadMissing(tree, digests);
                return;
            } catch (StatusRuntimeException e) {
                boolean lost = e.getStatus().getCode() == Status.Code.UNAVAILABLE;
                if (!lost || attempt == UPLOAD_ATTEMPTS || closed.await(pause, TimeUnit.MILLISECONDS)) {
                    throw e;
                }
                pause *= 2;
            }
        }
    }

    /** Answers what the farm asks for during a build, until the build ends. Returns at once. */
    public void supply(String buildId) {
        if (context instanceof TreeContext tree) {
            Thread.ofVirtual().name("supply-" + buildId).start(() -> supplied.complete(supplyUntilEnd(tree, buildId)));
        } else {
            supplied.complete(Status.OK);
        }
    }

    /** How the supply of a build ended: OK, or why it was given up. */
    public CompletableFuture<Status> supplied() {
        return supplied;
    }

    /** Bytes of blobs sent until now. */
    public long sentBytes() {
        return sentBytes.get();
    }

    /** Lines for the user: files that could not be sent, and why. */
    public List<String> refusals() {
        return List.copyOf(refusals);
    }

    @Override
    public void close() {
        closed.countDown();
    }

    private void uploadMissing(TreeContext tree, List<String> digests) throws InterruptedException {
        List<String> missing = ContextStoreGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL_LIMIT)
                .findMissing(
                        FindMissingRequest.newBuilder().addAllDigests(digests).build())
                .getDigestsList();
        if (missing.isEmpty()) {
            return;
        }
        Call<BlobChunk, UploadResponse> call = new Call<>();
        ContextStoreGrpc.newStub(channel).upload(call);
        for (String digest : missing) {
            Optional<Blob> blob = tree.blob(digest);
            if (blob.isPresent()
                    && !send(digest, blob.get(), chunk -> chunk.getMissing().isEmpty() && call.send(chunk))) {
                break;
            }
        }
        if (refusals.isEmpty()) {
            call.complete();
        } else {
            call.cancel();
            return;
        }
        try {
            call.ended.get();
        } catch (ExecutionException e) {
            throw Status.fromThrowable(e).asRuntimeException();
        }
    }

    private Status supplyUntilEnd(TreeContext tree, String buildId) {
        long pause = FIRST_PAUSE_MILLIS;
        try {
            while (closed.getCount() > 0) {
                SupplyCall call = new SupplyCall();
                Status status = call.run(tree, buildId);
                if (isFinal(status)) {
                    return status;
                }
                pause = call.wasUseful ? FIRST_PAUSE_MILLIS : Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
                if (closed.await(pause, TimeUnit.MILLISECONDS)) {
                    break;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Status.CANCELLED.withDescription("closed");
    }

    private static boolean isFinal(Status status) {
        return switch (status.getCode()) {
            case OK, NOT_FOUND, INVALID_ARGUMENT, FAILED_PRECONDITION, UNIMPLEMENTED, PERMISSION_DENIED -> true;
            case UNAUTHENTICATED, OUT_OF_RANGE, DATA_LOSS, ALREADY_EXISTS -> true;
            case CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE -> false;
        };
    }

    /** One stream of wants and blobs. */
    private final class SupplyCall {
        private final Call<SupplyRequest, SupplyResponse> call = new Call<>();
        private boolean wasUseful;

        Status run(TreeContext tree, String buildId) throws InterruptedException {
            ContextStoreGrpc.newStub(channel).supply(call);
            Thread closer = Thread.ofVirtual().start(() -> {
                try {
                    closed.await();
                    call.cancel();
                } catch (InterruptedException e) {
                    return;
                }
            });
            try {
                call.send(SupplyRequest.newBuilder().setBuildId(buildId).build());
                while (true) {
                    switch (call.events.take()) {
                        case Event.Ended(Status status) -> {
                            return status;
                        }
                        case Event.Wanted(List<String> digests) -> {
                            wasUseful = true;
                            answer(tree, digests);
                            call.more();
                        }
                    }
                }
            } finally {
                closer.interrupt();
            }
        }

        private void answer(TreeContext tree, List<String> digests) throws InterruptedException {
            for (String digest : digests) {
                Optional<Blob> blob = tree.blob(digest);
                boolean open = blob.isEmpty()
                        ? chunk(refusal(digest, "the blob " + digest + " is not of this context"))
                        : ContextSupplier.this.send(digest, blob.get(), this::chunk);
                if (!open) {
                    return;
                }
            }
        }

        private boolean chunk(BlobChunk chunk) throws InterruptedException {
            return call.send(SupplyRequest.newBuilder().setChunk(chunk).build());
        }
    }

    /** Sends one blob. Its last chunk goes out only once the whole is known to be what its digest says. */
    private boolean send(String digest, Blob blob, Sink sink) throws InterruptedException {
        MessageDigest hash = Digest.newHash();
        long at = 0;
        try (InputStream in = blob.open()) {
            while (true) {
                int wanted = (int) Math.min(CHUNK_BYTES, blob.size() - at);
                byte[] bytes = in.readNBytes(wanted);
                hash.update(bytes);
                boolean last = at + bytes.length == blob.size();
                boolean changed = bytes.length < wanted
                        || (last && !Digest.ofHash(hash.digest()).toString().equals(digest));
                if (changed) {
                    return sink.send(refused(digest, "the file " + blob.name() + " changed while the build ran"));
                }
                // The array is nobody else's: no copy.
                ByteString data = UnsafeByteOperations.unsafeWrap(bytes);
                boolean open = sink.send(BlobChunk.newBuilder()
                        .setDigest(digest)
                        .setOffset(at)
                        .setData(data)
                        .setLast(last)
                        .build());
                at += bytes.length;
                sentBytes.addAndGet(bytes.length);
                if (last || !open) {
                    return open;
                }
            }
        } catch (NoSuchFileException _) {
            return sink.send(refused(digest, "the file " + blob.name() + " vanished while the build ran"));
        } catch (IOException _) {
            return sink.send(refused(digest, "the file " + blob.name() + " could not be read any more"));
        }
    }

    private BlobChunk refused(String digest, String reason) {
        if (!refusals.contains(reason)) {
            refusals.add(reason);
        }
        return refusal(digest, reason);
    }

    private static BlobChunk refusal(String digest, String reason) {
        return BlobChunk.newBuilder()
                .setDigest(digest)
                .setLast(true)
                .setMissing(reason)
                .build();
    }

    /** A stream that sends no faster than the other side takes, and asks for one message at a time. */
    private static final class Call<Q, R> implements ClientResponseObserver<Q, R> {
        final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        final CompletableFuture<Void> ended = new CompletableFuture<>();
        private final CompletableFuture<ClientCallStreamObserver<Q>> started = new CompletableFuture<>();
        private final Semaphore room = new Semaphore(0);

        @Override
        public void beforeStart(ClientCallStreamObserver<Q> stream) {
            stream.disableAutoRequestWithInitial(1);
            stream.setOnReadyHandler(room::release);
            started.complete(stream);
        }

        boolean send(Q message) throws InterruptedException {
            ClientCallStreamObserver<Q> stream = started.join();
            while (!stream.isReady() && !ended.isDone()) {
                room.acquire();
                room.drainPermits();
            }
            if (ended.isDone()) {
                return false;
            }
            try {
                stream.onNext(message);
                return true;
            } catch (IllegalStateException _) {
                // Cancelled by close() in this moment.
                return false;
            }
        }

        void more() {
            started.join().request(1);
        }

        void complete() {
            if (!ended.isDone()) {
                started.join().onCompleted();
            }
        }

        void cancel() {
            started.join().cancel("closed", null);
        }

        @Override
        public void onNext(R response) {
            if (response instanceof SupplyResponse wants) {
                events.add(new Event.Wanted(List.copyOf(wants.getDigestsList())));
            } else {
                more();
            }
        }

        @Override
        public void onError(Throwable failure) {
            ended.completeExceptionally(failure);
            events.add(new Event.Ended(Status.fromThrowable(failure)));
            room.release();
        }

        @Override
        public void onCompleted() {
            ended.complete(null);
            events.add(new Event.Ended(Status.OK));
            room.release();
        }
    }
}
