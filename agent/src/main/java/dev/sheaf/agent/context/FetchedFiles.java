package dev.sheaf.agent.context;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.sheaf.agent.engine.session.ContextFiles;
import dev.sheaf.v1.ContextStoreGrpc.ContextStoreBlockingV2Stub;
import dev.sheaf.v1.ContextTree;
import dev.sheaf.v1.FileEntry;
import dev.sheaf.v1.LeaseRef;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The files of one build. Only the list is held; contents pass through, a chunk at a time. */
public final class FetchedFiles implements ContextFiles {
    /** Bytes of a list of some 400,000 files. Read, it takes four times as much, of an agent's heap of 512 MiB. */
    private static final long LARGEST_TREE = 64L << 20;

    private final ContextStoreBlockingV2Stub store;
    private final LeaseRef lease;
    private final ContextTree tree;

    private FetchedFiles(ContextStoreBlockingV2Stub store, LeaseRef lease, ContextTree tree) {
        this.store = store;
        this.lease = lease;
        this.tree = tree;
    }

    /** Fetches the tree of a build. */
    public static FetchedFiles open(ContextStoreBlockingV2Stub store, LeaseRef lease, String treeDigest)
            throws IOException, InterruptedException {
        List<ByteString> pieces = new ArrayList<>();
        long[] size = {0};
        try (BlobFetch fetch = new BlobFetch(store, lease)) {
            fetch.ask(List.of(treeDigest));
            fetch.receive(treeDigest, piece -> {
                size[0] += piece.size();
                if (size[0] > LARGEST_TREE) {
                    throw new IOException(
                            "the context lists more files than an agent takes: some 400,000 (64 MiB of list); name what"
                                    + " is not needed in .dockerignore");
                }
                pieces.add(piece);
            });
        }
        try {
            return new FetchedFiles(store, lease, ContextTree.parseFrom(ByteString.copyFrom(pieces)));
        } catch (InvalidProtocolBufferException e) {
            throw new IOException("context " + treeDigest + " is not a list of files: " + e.getMessage(), e);
        }
    }

    @Override
    public List<FileEntry> context() {
        return tree.getEntriesList();
    }

    @Override
    public List<FileEntry> dockerfile() {
        return tree.getDockerfileEntriesList();
    }

    @Override
    public void read(List<FileEntry> files, Sink sink) throws IOException, InterruptedException {
        List<String> wanted = files.stream()
                .filter(file -> file.getSize() > 0)
                .map(FileEntry::getDigest)
                .toList();
        if (wanted.isEmpty()) {
            for (int i = 0; i < files.size(); i++) {
                sink.end(i);
            }
            return;
        }
        try (BlobFetch fetch = new BlobFetch(store, lease)) {
            Window window = new Window(fetch, wanted);
            for (int i = 0; i < files.size(); i++) {
                FileEntry file = files.get(i);
                if (file.getSize() > 0) {
                    window.advance();
                    int index = i;
                    long received = fetch.receive(file.getDigest(), piece -> sink.data(index, piece));
                    if (received != file.getSize()) {
                        throw new IOException("context file " + file.getPath() + " has " + received
                                + " bytes in the farm, its entry says " + file.getSize());
                    }
                }
                sink.end(i);
            }
        }
    }

    /** Asks ahead, so that the stream never runs dry, and not for all at once, so that a stopped build wastes little. */
    private static final class Window {
        private static final int AHEAD = 512;
        private static final int BATCH = 256;

        private final BlobFetch fetch;
        private final List<String> wanted;
        private int asked;
        private int begun;

        Window(BlobFetch fetch, List<String> wanted) {
            this.fetch = fetch;
            this.wanted = wanted;
        }

        /** One more blob is about to be received. */
        void advance() throws IOException, InterruptedException {
            while (asked < wanted.size() && asked - begun <= AHEAD - BATCH) {
                int end = Math.min(asked + BATCH, wanted.size());
                fetch.ask(wanted.subList(asked, end));
                asked = end;
            }
            begun++;
        }
    }
}
