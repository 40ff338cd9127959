package dev.sheaf.agent.context;

import com.google.protobuf.ByteString;
import dev.sheaf.agent.engine.session.ContextUnavailableException;
import dev.sheaf.v1.BlobChunk;
import dev.sheaf.v1.ContextStoreGrpc.ContextStoreBlockingV2Stub;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.FetchRequest;
import dev.sheaf.v1.LeaseRef;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** One Fetch call: blobs come in the order asked, each checked against its digest. */
final class BlobFetch implements AutoCloseable {
    private final BlockingClientCall<FetchRequest, BlobChunk> call;
    private final LeaseRef lease;
    private boolean begun;

    /** Takes the pieces of one blob. */
    @FunctionalInterface
    interface Pieces {
        void take(ByteString piece) throws IOException, InterruptedException;
    }

    BlobFetch(ContextStoreBlockingV2Stub store, LeaseRef lease) {
        this.call = store.fetch();
        this.lease = lease;
    }

    void ask(List<String> digests) throws IOException, InterruptedException {
        FetchRequest.Builder request = FetchRequest.newBuilder().addAllDigests(digests);
        if (!begun) {
            request.setLease(lease);
            begun = true;
        }
        try {
            if (!call.write(request.build())) {
                // The call has ended; reading tells why.
                read(digests.getFirst());
                throw new IOException("the coordinator ended the transfer of context files");
            }
        } catch (StatusException | StatusRuntimeException e) {
            throw failed(digests.getFirst(), Status.fromThrowable(e));
        }
    }

    /** Receives the next blob, which must be this one. Returns its size in bytes. */
    long receive(String digest, Pieces pieces) throws IOException, InterruptedException {
        MessageDigest hash = sha256();
        long received = 0;
        while (true) {
            BlobChunk chunk = read(digest);
            if (!chunk.getDigest().equals(digest) || chunk.getOffset() != received) {
                throw new IOException("the coordinator sent " + chunk.getDigest() + " at " + chunk.getOffset()
                        + " where context blob " + digest + " at " + received + " was asked for");
            }
            ByteString data = chunk.getData();
            data.asReadOnlyByteBufferList().forEach(hash::update);
            received += data.size();
            if (!data.isEmpty()) {
                pieces.take(data);
            }
            if (chunk.getLast()) {
                String found = "sha256:" + HexFormat.of().formatHex(hash.digest());
                if (!found.equals(digest)) {
                    throw new IOException("context blob " + digest + " arrived as " + found);
                }
                return received;
            }
        }
    }

    @Override
    public void close() {
        call.cancel("the transfer is over", null);
    }

    private BlobChunk read(String digest) throws IOException, InterruptedException {
        try {
            BlobChunk chunk = call.read();
            if (chunk == null) {
                throw new IOException("the coordinator ended the transfer before context blob " + digest);
            }
            return chunk;
        } catch (StatusException | StatusRuntimeException e) {
            throw failed(digest, Status.fromThrowable(e));
        }
    }

    private static IOException failed(String digest, Status status) {
        // The submitter's answer, and the store's limit, are sentences of their own.
        if (status.getDescription() != null && status.getCode() == Status.Code.NOT_FOUND) {
            return new ContextUnavailableException(FailureClass.FAILURE_CLASS_USER, status.getDescription());
        }
        if (status.getDescription() != null && status.getCode() == Status.Code.RESOURCE_EXHAUSTED) {
            return new ContextUnavailableException(FailureClass.FAILURE_CLASS_CAPACITY, status.getDescription());
        }
        String why = status.getDescription() == null ? status.getCode().name() : status.getDescription();
        return new IOException("context blob " + digest + " could not be had from the coordinator: " + why);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
