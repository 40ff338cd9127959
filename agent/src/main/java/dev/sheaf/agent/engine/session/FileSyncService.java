package dev.sheaf.agent.engine.session;

import dev.sheaf.buildkit.filesync.FileSyncGrpc;
import dev.sheaf.buildkit.fsutil.Packet;
import dev.sheaf.context.HardLinks;
import dev.sheaf.context.TreeFilter;
import dev.sheaf.v1.FileEntry;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Sends the files of this build, those that the engine lacks. */
final class FileSyncService extends FileSyncGrpc.FileSyncImplBase {

    private final ContextFiles files;
    private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();

    FileSyncService(ContextFiles files) {
        this.files = files;
    }

    @Override
    public StreamObserver<Packet> diffCopy(StreamObserver<Packet> caller) {
        ServerCallStreamObserver<Packet> engine = (ServerCallStreamObserver<Packet>) caller;
        TransferOptions options = TransferOptions.current();
        List<FileEntry> all = switch (options.directory()) {
            case "context" -> files.context();
            case "dockerfile" -> files.dockerfile();
            default -> null;
        };
        if (all == null) {
            engine.onError(Status.NOT_FOUND
                    .withDescription("no access allowed to dir \"" + options.directory() + "\"")
                    .asRuntimeException());
            return new Ignored();
        }
        FileTransfer transfer = new FileTransfer(new PacketSink(engine), files, e -> failure.compareAndSet(null, e));
        engine.setOnCancelHandler(transfer::stop);
        transfer.start(() -> HardLinks.within(
                TreeFilter.select(all, options.includes(), options.excludes(), options.followPaths())));
        return transfer;
    }

    /** The first file that could not be read; null if there is none. */
    @Nullable IOException failure() {
        return failure.get();
    }

    private static final class Ignored implements StreamObserver<Packet> {

        @Override
        public void onNext(Packet packet) {}

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {}
    }
}
