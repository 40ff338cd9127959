package dev.sheaf.agent.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.sheaf.agent.engine.session.ContextFiles;
import dev.sheaf.agent.engine.session.ContextUnavailableException;
import dev.sheaf.v1.BlobChunk;
import dev.sheaf.v1.ContextStoreGrpc;
import dev.sheaf.v1.ContextTree;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.FetchRequest;
import dev.sheaf.v1.FileEntry;
import dev.sheaf.v1.LeaseRef;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class FetchedFilesTest {
    private static final LeaseRef LEASE =
            LeaseRef.newBuilder().setBuildId("b").setFence(3).build();

    private final Store store = new Store();
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(store)
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    @Test
    void read_manyFilesWithEmptyAndRepeatedOnes_arriveInOrder() throws Exception {
        ContextTree.Builder tree = ContextTree.newBuilder();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            String content = i % 7 == 0 ? "" : "content " + i % 1_000;
            expected.add(content);
            tree.addEntries(entry("f" + i, content));
        }
        FetchedFiles files = open(tree);
        List<String> read = read(files, files.context());
        assertThat(read).isEqualTo(expected);
        assertThat(store.mostAhead.get()).isLessThanOrEqualTo(256);
    }

    @Test
    void read_onlyEmptyFiles_asksNobody() throws Exception {
        FetchedFiles files = open(ContextTree.newBuilder().addEntries(entry("a", "")));
        server.shutdownNow();
        assertThat(read(files, files.context())).containsExactly("");
    }

    @Test
    void read_contentThatIsNotWhatItsDigestSays_fails() throws Exception {
        FetchedFiles files = open(ContextTree.newBuilder().addEntries(entry("a", "right")));
        store.blobs.put(digest(ByteString.copyFromUtf8("right")), ByteString.copyFromUtf8("wrong"));
        assertThatThrownBy(() -> read(files, files.context()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("arrived as sha256:");
    }

    @Test
    void read_missingBlob_saysWhatTheCoordinatorSaid() throws Exception {
        FetchedFiles files = open(ContextTree.newBuilder().addEntries(entry("a", "gone")));
        store.blobs.remove(digest(ByteString.copyFromUtf8("gone")));
        assertThatThrownBy(() -> read(files, files.context()))
                .isInstanceOfSatisfying(
                        ContextUnavailableException.class,
                        e -> assertThat(e.kind()).isEqualTo(FailureClass.FAILURE_CLASS_USER))
                .hasMessage("the file a changed while the build ran");
    }

    private FetchedFiles open(ContextTree.Builder tree) throws IOException, InterruptedException {
        String digest = store.put(tree.build().toByteString());
        return FetchedFiles.open(ContextStoreGrpc.newBlockingV2Stub(channel), LEASE, digest);
    }

    private FileEntry entry(String path, String content) {
        FileEntry.Builder entry = FileEntry.newBuilder().setPath(path).setSize(content.length());
        return entry.setDigest(store.put(ByteString.copyFromUtf8(content))).build();
    }

    private static List<String> read(ContextFiles files, List<FileEntry> entries)
            throws IOException, InterruptedException {
        List<String> read = new ArrayList<>();
        StringBuilder current = new StringBuilder();
        files.read(entries, new ContextFiles.Sink() {
            @Override
            public void data(int index, ByteString piece) {
                assertThat(index).isEqualTo(read.size());
                current.append(piece.toStringUtf8());
            }

            @Override
            public void end(int index) {
                assertThat(index).isEqualTo(read.size());
                read.add(current.toString());
                current.setLength(0);
            }
        });
        return read;
    }

    private static String digest(ByteString content) {
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            return "sha256:" + HexFormat.of().formatHex(hash.digest(content.toByteArray()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends each blob in pieces of three bytes, in the order asked. */
    private static final class Store extends ContextStoreGrpc.ContextStoreImplBase {
        final Map<String, ByteString> blobs = new ConcurrentHashMap<>();
        final AtomicInteger mostAhead = new AtomicInteger();

        String put(ByteString content) {
            String digest = digest(content);
            blobs.put(digest, content);
            return digest;
        }

        @Override
        public StreamObserver<FetchRequest> fetch(StreamObserver<BlobChunk> chunks) {
            return new StreamObserver<>() {
                private boolean begun;

                @Override
                public void onNext(FetchRequest request) {
                    assertThat(request.hasLease()).isEqualTo(!begun);
                    begun = true;
                    mostAhead.accumulateAndGet(request.getDigestsCount(), Math::max);
                    for (String digest : request.getDigestsList()) {
                        ByteString blob = blobs.get(digest);
                        if (blob == null) {
                            chunks.onError(Status.NOT_FOUND
                                    .withDescription("the file a changed while the build ran")
                                    .asRuntimeException());
                            return;
                        }
                        send(digest, blob);
                    }
                }

                private void send(String digest, ByteString blob) {
                    for (int at = 0; at < blob.size(); at += 3) {
                        int end = Math.min(at + 3, blob.size());
                        chunks.onNext(BlobChunk.newBuilder()
                                .setDigest(digest)
                                .setOffset(at)
                                .setData(blob.substring(at, end))
                                .setLast(end == blob.size())
                                .build());
                    }
                }

                @Override
                public void onError(Throwable error) {
                    // The agent has all that it wanted.
                }

                @Override
                public void onCompleted() {
                    chunks.onCompleted();
                }
            };
        }
    }
}
