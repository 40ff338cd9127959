package dev.sheaf.agent.engine.session;

import com.google.protobuf.UnsafeByteOperations;
import dev.sheaf.buildkit.control.BytesMessage;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Carries bytes between the stream to the engine and the server in this process. Stops reading from the server while
 * the stream is full.
 */
final class Tunnel extends ChannelInboundHandlerAdapter implements ClientResponseObserver<BytesMessage, BytesMessage> {

    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Channel server;
    private @Nullable ClientCallStreamObserver<BytesMessage> engine;
    private boolean closed;

    /** Runs before the connection is there, and so before the stream is opened that brings the engine's first bytes. */
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        server = context.channel();
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<BytesMessage> stream) {
        lock.lock();
        try {
            engine = stream;
        } finally {
            lock.unlock();
        }
        stream.setOnReadyHandler(() -> {
            Channel channel = server;
            if (channel != null) {
                channel.config().setAutoRead(true);
            }
        });
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            byte[] copy = ByteBufUtil.getBytes(bytes);
            lock.lock();
            try {
                if (closed || engine == null) {
                    return;
                }
                engine.onNext(BytesMessage.newBuilder()
                        .setData(UnsafeByteOperations.unsafeWrap(copy))
                        .build());
                if (!engine.isReady()) {
                    pause(context.channel(), engine);
                }
            } finally {
                lock.unlock();
            }
        } finally {
            bytes.release();
        }
    }

    @Override
    public void onNext(BytesMessage message) {
        Channel channel = server;
        if (channel != null) {
            var _ = channel.writeAndFlush(
                    Unpooled.wrappedBuffer(message.getData().asReadOnlyByteBuffer()));
        }
    }

    @Override
    public void onError(Throwable error) {
        end();
    }

    @Override
    public void onCompleted() {
        end();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        close();
    }

    /** Ends both sides. */
    void close() {
        lock.lock();
        try {
            if (!closed && engine != null) {
                closed = true;
                engine.cancel("the build has ended", null);
            }
        } finally {
            lock.unlock();
        }
        end();
    }

    private static void pause(Channel channel, ClientCallStreamObserver<BytesMessage> stream) {
        channel.config().setAutoRead(false);
        // The stream may have become ready in between, and would not say so again.
        if (stream.isReady()) {
            channel.config().setAutoRead(true);
        }
    }

    private void end() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        Channel channel = server;
        if (channel != null) {
            var _ = channel.close();
        }
    }
}
