package dev.sheaf.agent.engine.session;

import com.google.protobuf.ByteString;
import dev.sheaf.buildkit.fsutil.Packet;
import dev.sheaf.buildkit.fsutil.Packet.PacketType;
import dev.sheaf.buildkit.fsutil.Stat;
import dev.sheaf.context.FileModes;
import dev.sheaf.v1.FileEntry;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One transfer of a directory: lists its entries, and sends the contents that the engine then asks for. Lists and
 * sends at the same time, because an engine may wait for contents before it reads on in the list.
 */
final class FileTransfer implements StreamObserver<Packet> {

    /** What the engine's own sender uses. */
    private static final int PIECE_BYTES = 32 * 1024;

    private static final int BATCH = 1_000;
    private static final int FINISHED = -1;

    private final PacketSink engine;
    private final ContextFiles files;
    private final Consumer<IOException> onFailure;
    private final BlockingQueue<Integer> wanted = new LinkedBlockingQueue<>();
    private final CompletableFuture<List<FileEntry>> listed = new CompletableFuture<>();
    private final List<Thread> threads;

    FileTransfer(PacketSink engine, ContextFiles files, Consumer<IOException> onFailure) {
        this.engine = engine;
        this.files = files;
        this.onFailure = onFailure;
        ThreadFactory factory = Thread.ofVirtual().name("files-", 0).factory();
        this.threads =
                List.of(factory.newThread(() -> guarded(this::list)), factory.newThread(() -> guarded(this::serve)));
    }

    void start(Supplier<List<FileEntry>> entries) {
        Thread.ofVirtual().name("files-choice").start(() -> {
            try {
                listed.complete(entries.get());
            } catch (RuntimeException e) {
                listed.completeExceptionally(e);
            }
        });
        threads.forEach(Thread::start);
    }

    void stop() {
        threads.forEach(Thread::interrupt);
    }

    @Override
    public void onNext(Packet packet) {
        switch (packet.getType()) {
            case PACKET_REQ -> wanted.add(packet.getID());
            case PACKET_FIN -> wanted.add(FINISHED);
            case PACKET_ERR -> {
                stop();
                engine.fail(Status.ABORTED.withDescription(
                        "error from receiver: " + packet.getData().toStringUtf8()));
            }
            case PACKET_STAT, PACKET_DATA, UNRECOGNIZED -> {}
        }
    }

    @Override
    public void onError(Throwable error) {
        stop();
    }

    @Override
    public void onCompleted() {
        // The engine closes its side after its last request, which may still be under way here.
    }

    private void list() throws InterruptedException, ExecutionException {
        for (FileEntry entry : entries()) {
            engine.send(Packet.newBuilder()
                    .setType(PacketType.PACKET_STAT)
                    .setStat(stat(entry))
                    .build());
        }
        engine.send(Packet.newBuilder().setType(PacketType.PACKET_STAT).build());
    }

    private void serve() throws InterruptedException, ExecutionException, IOException {
        List<FileEntry> entries = entries();
        while (true) {
            List<Integer> ids = new ArrayList<>();
            ids.add(wanted.take());
            wanted.drainTo(ids, BATCH - 1);
            boolean finished = ids.removeIf(id -> id == FINISHED);
            if (!ids.isEmpty()) {
                send(entries, ids);
            }
            if (finished) {
                engine.send(Packet.newBuilder().setType(PacketType.PACKET_FIN).build());
                engine.complete();
                return;
            }
        }
    }

    private void send(List<FileEntry> entries, List<Integer> ids) throws IOException, InterruptedException {
        List<FileEntry> batch = new ArrayList<>(ids.size());
        for (int id : ids) {
            if (id < 0 || id >= entries.size() || !FileModes.isRegular(entries.get(id))) {
                throw new IOException("the engine asked for file " + id + ", which it was not offered");
            }
            batch.add(entries.get(id));
        }
        files.read(batch, new Pieces(ids));
    }

    private List<FileEntry> entries() throws InterruptedException, ExecutionException {
        return listed.get();
    }

    private void guarded(Work work) {
        try {
            work.run();
        } catch (InterruptedException e) {
            engine.fail(Status.CANCELLED.withDescription("the build has ended"));
        } catch (IOException e) {
            onFailure.accept(e);
            engine.fail(Status.FAILED_PRECONDITION.withDescription(e.getMessage()));
        } catch (ExecutionException e) {
            engine.fail(Status.INVALID_ARGUMENT.withDescription(String.valueOf(e.getCause())));
        } catch (RuntimeException e) {
            onFailure.accept(new IOException("files could not be sent to the engine: " + e, e));
            engine.fail(Status.INTERNAL.withDescription(e.toString()));
        }
    }

    /** Owner and group are root's, as for every context that a client sends. */
    private static Stat stat(FileEntry entry) {
        return Stat.newBuilder()
                .setPath(entry.getPath())
                .setMode(entry.getMode())
                .setSize(FileModes.isLink(entry) ? linkSize(entry) : entry.getSize())
                .setModTime(entry.getModifiedNanos())
                .setLinkname(entry.getLinkTarget())
                .setDevmajor(entry.getDeviceMajor())
                .setDevminor(entry.getDeviceMinor())
                .build();
    }

    /** The kernel gives a link the size of its target in bytes, and so do other clients. */
    private static long linkSize(FileEntry link) {
        return link.getLinkTargetBytes().size();
    }

    /** One of the two threads. */
    @FunctionalInterface
    private interface Work {
        void run() throws InterruptedException, ExecutionException, IOException;
    }

    private final class Pieces implements ContextFiles.Sink {

        private final List<Integer> ids;

        Pieces(List<Integer> ids) {
            this.ids = ids;
        }

        @Override
        public void data(int index, ByteString piece) throws InterruptedException {
            for (int start = 0; start < piece.size(); start += PIECE_BYTES) {
                packet(index, piece.substring(start, Math.min(piece.size(), start + PIECE_BYTES)));
            }
        }

        @Override
        public void end(int index) throws InterruptedException {
            packet(index, ByteString.EMPTY);
        }

        private void packet(int index, ByteString data) throws InterruptedException {
            engine.send(Packet.newBuilder()
                    .setType(PacketType.PACKET_DATA)
                    .setID(ids.get(index))
                    .setData(data)
                    .build());
        }
    }
}
