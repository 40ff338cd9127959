package dev.sheaf.cli.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.v1.BlobChunk;
import dev.sheaf.v1.ContextStoreGrpc;
import dev.sheaf.v1.FileEntry;
import dev.sheaf.v1.FindMissingRequest;
import dev.sheaf.v1.FindMissingResponse;
import dev.sheaf.v1.SupplyRequest;
import dev.sheaf.v1.SupplyResponse;
import dev.sheaf.v1.UploadResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContextSupplierTest {
    private static final int BIG = 3_000_000;

    @TempDir
    Path root;

    private final FakeStore store = new FakeStore();
    private Server server;
    private ManagedChannel channel;

    /** Wants every blob it is told to, after losing the first connection. */
    private static final class FakeStore extends ContextStoreGrpc.ContextStoreImplBase {
        final Map<String, Long> received = new ConcurrentHashMap<>();
        final Map<String, String> missing = new ConcurrentHashMap<>();
        final AtomicInteger supplies = new AtomicInteger();
        volatile List<String> wants = List.of();
        /** Is there no more when an upload has ended, once: it was evicted. */
        volatile String evicted = "";

        @Override
        public void findMissing(FindMissingRequest request, StreamObserver<FindMissingResponse> response) {
            FindMissingResponse.Builder answer = FindMissingResponse.newBuilder();
            request.getDigestsList().stream()
                    .filter(d -> !received.containsKey(d))
                    .forEach(answer::addDigests);
            response.onNext(answer.build());
            response.onCompleted();
        }

        @Override
        public StreamObserver<BlobChunk> upload(StreamObserver<UploadResponse> response) {
            return new Reader<>(response) {
                @Override
                public void onNext(BlobChunk chunk) {
                    take(chunk);
                }

                @Override
                public void onCompleted() {
                    received.remove(evicted);
                    evicted = "";
                    response.onNext(UploadResponse.getDefaultInstance());
                    response.onCompleted();
                }
            };
        }

        @Override
        public StreamObserver<SupplyRequest> supply(StreamObserver<SupplyResponse> response) {
            boolean first = supplies.incrementAndGet() == 1;
            return new Reader<>(response) {
                private int answered;

                @Override
                public void onNext(SupplyRequest request) {
                    if (!request.hasChunk()) {
                        if (first) {
                            response.onError(Status.UNAVAILABLE.asRuntimeException());
                        } else {
                            response.onNext(SupplyResponse.newBuilder()
                                    .addAllDigests(wants)
                                    .build());
                        }
                        return;
                    }
                    take(request.getChunk());
                    if (request.getChunk().getLast() && ++answered == wants.size()) {
                        response.onCompleted();
                    }
                }

                @Override
                public void onCompleted() {}
            };
        }

        void take(BlobChunk chunk) {
            if (chunk.getMissing().isEmpty()) {
                assertThat(chunk.getData().size()).isLessThanOrEqualTo(1 << 20);
                assertThat(received.getOrDefault(chunk.getDigest(), 0L)).isEqualTo(chunk.getOffset());
                received.merge(chunk.getDigest(), (long) chunk.getData().size(), Long::sum);
            } else {
                missing.put(chunk.getDigest(), chunk.getMissing());
            }
        }
    }

    private abstract static class Reader<Q, R> implements StreamObserver<Q> {
        final StreamObserver<R> response;

        Reader(StreamObserver<R> response) {
            this.response = response;
        }

        @Override
        public void onError(Throwable failure) {}
    }

    @BeforeEach
    void start() throws Exception {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(store)
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void stop() throws Exception {
        channel.shutdownNow();
        server.shutdownNow().awaitTermination();
    }

    @Test
    void uploadAll_whatWasEvictedMeanwhile_isNamedAndSentAgain() throws Exception {
        Files.writeString(root.resolve("Dockerfile"), "FROM scratch\n");
        Files.writeString(root.resolve("first"), "first");
        ContextEnvironment environment = new ContextEnvironment(
                root,
                root.resolve("home"),
                Map.of(),
                new ByteArrayInputStream(new byte[0]),
                InstantSource.fixed(Instant.EPOCH));
        try (TreeContext context = (TreeContext)
                        new BuildContexts(environment).load(new ContextRequest(".", Optional.empty(), ""));
                ContextSupplier supplier = new ContextSupplier(channel, context)) {
            store.evicted = context.tree().getEntriesList().stream()
                    .filter(entry -> entry.getPath().equals("first"))
                    .map(FileEntry::getDigest)
                    .findFirst()
                    .orElseThrow();
            String first = store.evicted;

            supplier.uploadAll();

            assertThat(store.evicted).as("it was evicted").isEmpty();
            assertThat(store.received).containsEntry(first, 5L).containsOnlyKeys(context.digests());
        }
    }

    @Test
    void supply_lostConnectionAndChangedFile_sendsTheRestAndNamesIt() throws Exception {
        Files.writeString(root.resolve("Dockerfile"), "FROM scratch\n");
        Files.write(root.resolve("big"), new byte[BIG]);
        Files.writeString(root.resolve("changed"), "before");
        Files.writeString(root.resolve("empty"), "");
        ContextEnvironment environment = new ContextEnvironment(
                root,
                root.resolve("home"),
                Map.of(),
                new ByteArrayInputStream(new byte[0]),
                InstantSource.fixed(Instant.EPOCH));
        try (TreeContext context = (TreeContext)
                        new BuildContexts(environment).load(new ContextRequest(".", Optional.empty(), ""));
                ContextSupplier supplier = new ContextSupplier(channel, context)) {
            supplier.uploadTree();
            long tree = context.tree().getSerializedSize();
            assertThat(store.received).containsEntry(context.treeDigest(), tree);
            supplier.uploadTree();
            assertThat(supplier.sentBytes()).isEqualTo(tree);

            Files.writeString(root.resolve("changed"), "after!");
            store.wants = context.tree().getEntriesList().stream()
                    .map(FileEntry::getDigest)
                    .filter(digest -> !digest.isEmpty())
                    .toList();
            supplier.supply("build");
            assertThat(supplier.supplied().get(30, TimeUnit.SECONDS).isOk()).isTrue();
            assertThat(store.received).containsValue((long) BIG).containsValue(0L);
            assertThat(store.missing.values()).containsExactly("the file changed changed while the build ran");
            assertThat(supplier.refusals()).containsExactly("the file changed changed while the build ran");
            assertThat(store.supplies).hasValue(2);
        }
    }
}
