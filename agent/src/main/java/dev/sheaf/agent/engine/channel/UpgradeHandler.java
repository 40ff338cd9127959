package dev.sheaf.agent.engine.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Turns a connection to Docker Engine into one to its BuildKit: asks for "/grpc" over HTTP/1.1 and lets nobody above
 * know of the connection until the engine has switched to HTTP/2.
 */
final class UpgradeHandler extends ChannelDuplexHandler {

    /** An answer to an upgrade is a few lines; more is not an answer. */
    private static final int MAX_HEAD_BYTES = 16 * 1024;

    private static final String REQUEST = String.join(
            "\r\n",
            "POST /grpc HTTP/1.1",
            "Host: localhost",
            "Connection: Upgrade",
            "Upgrade: h2c",
            "Content-Length: 0",
            "",
            "");

    private final ByteBuf head = Unpooled.buffer(512, MAX_HEAD_BYTES);
    private @Nullable ChannelPromise connected;

    @Override
    public void connect(
            ChannelHandlerContext context, SocketAddress remote, SocketAddress local, ChannelPromise promise) {
        connected = promise;
        var _ = context.connect(remote, local).addListener(done -> {
            if (!done.isSuccess()) {
                promise.tryFailure(done.cause());
            }
        });
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        var _ = context.writeAndFlush(Unpooled.copiedBuffer(REQUEST, StandardCharsets.US_ASCII));
        context.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            int taken = Math.min(bytes.readableBytes(), head.maxWritableBytes());
            bytes.readBytes(head, taken);
            String text = head.toString(StandardCharsets.US_ASCII);
            int end = text.indexOf("\r\n\r\n");
            if (end < 0) {
                if (head.maxWritableBytes() == 0) {
                    refuse(context, "its answer is not HTTP");
                }
                return;
            }
            String line = text.substring(0, text.indexOf("\r\n"));
            if (!line.startsWith("HTTP/1.1 101")) {
                refuse(context, line);
                return;
            }
            ByteBuf rest = Unpooled.copiedBuffer(head.skipBytes(end + 4), bytes);
            switched(context, rest);
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        // Not passed on: nobody above has seen a byte.
        context.read();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        refuse(context, "it closed the connection");
        context.fireChannelInactive();
    }

    private void switched(ChannelHandlerContext context, ByteBuf rest) {
        if (connected != null) {
            connected.trySuccess();
        }
        context.fireChannelActive();
        if (rest.isReadable()) {
            context.fireChannelRead(Unpooled.wrappedBuffer(ByteBufUtil.getBytes(rest)));
            context.fireChannelReadComplete();
        }
        context.pipeline().remove(this);
    }

    private void refuse(ChannelHandlerContext context, String why) {
        if (connected != null) {
            connected.tryFailure(
                    new IOException("what listens there does not offer BuildKit as Docker Engine does: " + why));
        }
        var _ = context.close();
    }
}
