package dev.sheaf.coordinator.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.image.Digest;
import dev.sheaf.v1.ContextTree;
import dev.sheaf.v1.FileEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BlobStoreTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(START);

    @TempDir
    Path directory;

    @Test
    void commit_wrongContent_storesNothing() throws IOException {
        BlobStore store = BlobStore.open(directory, 100, now::get);
        Digest digest = Digest.of(new byte[] {1});
        try (BlobWriter writer = store.of("").write(digest)) {
            writer.write(ByteBuffer.wrap(new byte[] {2}));
            assertThatThrownBy(writer::commit)
                    .isInstanceOf(WrongContentException.class)
                    .hasMessageContaining(digest.value());
        }
        assertThat(store.of("").holds(digest)).isFalse();
        assertThat(store.usedBytes()).isZero();
    }

    @Test
    void open_afterRestart_holdsWhatWasCommitted() throws IOException {
        Digest digest = put(BlobStore.open(directory, 100, now::get), (byte) 7);
        BlobStore again = BlobStore.open(directory, 100, now::get);
        assertThat(again.of("").missing(List.of(digest))).isEmpty();
        try (BlobReader reader = again.of("").read(digest).orElseThrow()) {
            assertThat(reader.next(1000)).hasSize(40).containsOnly(7);
        }
    }

    @Test
    void write_quotaReached_evictsTheOldestOnceItIsNotRecent() throws IOException {
        BlobStore store = BlobStore.open(directory, 100, now::get);
        Digest first = put(store, (byte) 1);
        Digest second = put(store, (byte) 2);
        assertThatThrownBy(() -> put(store, (byte) 3)).isInstanceOf(QuotaExceededException.class);
        now.set(START.plus(BlobStore.KEEP).plus(Duration.ofSeconds(1)));
        assertThat(store.of("").holds(second)).isTrue();
        Digest third = put(store, (byte) 3);
        assertThat(store.of("").missing(List.of(first, second, third))).containsExactly(first);
    }

    @Test
    void write_quotaReachedWhileRead_keepsTheBlobBeingRead() throws IOException {
        BlobStore store = BlobStore.open(directory, 100, now::get);
        Digest first = put(store, (byte) 1);
        put(store, (byte) 2);
        try (BlobReader reader = store.of("").read(first).orElseThrow()) {
            now.set(START.plus(BlobStore.KEEP).plus(Duration.ofSeconds(1)));
            put(store, (byte) 3);
            assertThat(reader.next(40)).hasSize(40);
        }
        assertThat(store.of("").holds(first)).isTrue();
    }

    @Test
    void write_quotaReachedWhileABuildWaits_keepsWhatItsTreeNames() throws Exception {
        BlobStore store = BlobStore.open(directory, 230, now::get);
        WantedBlobs wanted = new WantedBlobs(store);
        Digest needed = put(store, (byte) 1);
        Digest other = put(store, (byte) 2);
        Digest tree = put(
                store,
                ContextTree.newBuilder()
                        .addEntries(FileEntry.newBuilder().setPath("a").setDigest(needed.value()))
                        .build()
                        .toByteArray());
        wanted.begin("b", "", Optional.of(tree));
        now.set(START.plus(BlobStore.KEEP).plus(Duration.ofSeconds(1)));

        put(store, (byte) 3);
        put(store, (byte) 4);
        assertThat(store.of("").missing(List.of(needed, tree, other))).containsExactly(other);
        now.set(now.get().plus(BlobStore.KEEP).plus(Duration.ofSeconds(1)));
        assertThatThrownBy(() -> put(store, new byte[200]))
                .isInstanceOf(QuotaExceededException.class)
                .hasMessageContaining("--context-quota allows are of builds that have not ended");
        wanted.end("b");
        now.set(now.get().plus(BlobStore.KEEP).plus(Duration.ofSeconds(1)));
        put(store, new byte[200]);
        assertThat(store.of("").missing(List.of(needed, tree))).containsExactly(needed, tree);
    }

    @Test
    void dockerfile_ofATree_byItsName() throws IOException {
        TeamBlobs blobs = BlobStore.open(directory, 10_000, now::get).of("a");
        Digest text = put(blobs, "FROM scratch\n".getBytes(StandardCharsets.UTF_8));
        Digest gone = Digest.of(new byte[] {9});
        Digest tree = put(
                blobs,
                ContextTree.newBuilder()
                        .addEntries(FileEntry.newBuilder().setPath("other").setDigest(text.value()))
                        .addDockerfileEntries(
                                FileEntry.newBuilder().setPath("Dockerfile").setDigest(text.value()))
                        .addDockerfileEntries(
                                FileEntry.newBuilder().setPath("gone").setDigest(gone.value()))
                        .build()
                        .toByteArray());
        assertThat(blobs.dockerfile(tree, "")).contains("FROM scratch\n");
        assertThat(blobs.dockerfile(tree, "Dockerfile")).contains("FROM scratch\n");
        assertThat(blobs.dockerfile(tree, "other")).as("a file of the context").isEmpty();
        assertThat(blobs.dockerfile(tree, "gone")).as("never asked for").isEmpty();
        assertThatThrownBy(() -> blobs.dockerfile(text, "")).as("no tree").isInstanceOf(IOException.class);
    }

    @Test
    void sameContentOfTwoTeams_isEachTeamsOwn_alsoAfterARestart() throws IOException {
        BlobStore store = BlobStore.open(directory, 200, now::get);
        Digest ours = put(store.of("a"), new byte[40]);
        assertThat(store.of("b").holds(ours)).isFalse();
        assertThat(store.of("b").read(ours)).isEmpty();
        assertThat(store.of("").missing(List.of(ours))).containsExactly(ours);
        put(store.of("b"), new byte[40]);
        put(store.of(""), new byte[40]);
        assertThat(store.usedBytes()).isEqualTo(120);

        BlobStore again = BlobStore.open(directory, 200, now::get);

        assertThat(again.usedBytes()).isEqualTo(120);
        for (String team : List.of("a", "b", "")) {
            assertThat(again.of(team).holds(ours)).isTrue();
        }
        assertThat(again.of("c").holds(ours)).isFalse();
    }

    @Test
    void blobThatAnotherTeamBrought_isWantedOfTheSubmitter() throws Exception {
        BlobStore store = BlobStore.open(directory, 200, now::get);
        WantedBlobs wanted = new WantedBlobs(store);
        Digest secret = put(store.of("a"), new byte[40]);
        wanted.begin("b", "b", Optional.empty());
        wanted.want("b", List.of(secret));
        WantedBlobs.Supplier supplier = wanted.supplier("b");

        assertThat(wanted.await("b", secret, Duration.ZERO)).isFalse();
        assertThat(wanted.read("b", secret)).isEmpty();
        assertThat(supplier.next(Duration.ZERO)).contains(List.of(secret));
        put(store.of("a"), new byte[40]);
        assertThat(wanted.await("b", secret, Duration.ZERO)).isFalse();
        put(store.of("b"), new byte[40]);
        assertThat(wanted.await("b", secret, Duration.ZERO)).isTrue();
    }

    @Test
    void supplier_reconnects_hearsOfOpenWantsAgainAndOnlyOnceOtherwise() throws Exception {
        BlobStore store = BlobStore.open(directory, 100, now::get);
        WantedBlobs wanted = new WantedBlobs(store);
        Digest digest = Digest.of(new byte[] {9});
        wanted.begin("b", "", Optional.empty());
        wanted.want("b", List.of(digest));
        wanted.want("b", List.of(digest));
        try (WantedBlobs.Supplier first = wanted.supplier("b")) {
            assertThat(first.next(Duration.ZERO)).contains(List.of(digest));
            assertThat(first.next(Duration.ZERO)).contains(List.of());
        }
        WantedBlobs.Supplier second = wanted.supplier("b");
        assertThat(second.next(Duration.ZERO)).contains(List.of(digest));
        second.refuse(digest, "file changed");
        assertThatThrownBy(() -> wanted.await("b", digest, Duration.ZERO))
                .isInstanceOf(MissingBlobException.class)
                .hasMessage("file changed");
        wanted.end("b");
        assertThat(second.next(Duration.ZERO)).isEmpty();
    }

    /** Forty equal bytes. */
    private static Digest put(BlobStore store, byte value) throws IOException {
        byte[] bytes = new byte[40];
        java.util.Arrays.fill(bytes, value);
        return put(store, bytes);
    }

    private static Digest put(BlobStore store, byte[] bytes) throws IOException {
        return put(store.of(""), bytes);
    }

    private static Digest put(TeamBlobs blobs, byte[] bytes) throws IOException {
        Digest digest = Digest.of(bytes);
        try (BlobWriter writer = blobs.write(digest)) {
            writer.write(ByteBuffer.wrap(bytes));
            writer.commit();
        }
        return digest;
    }
}
