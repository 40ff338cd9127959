package dev.sheaf.agent.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.sheaf.buildkit.control.BytesMessage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class TunnelTest {
    @Test
    void onNext_beforeTheChannelSaysThatItIsActive_losesNothing() {
        Tunnel tunnel = new Tunnel();
        EmbeddedChannel server = new EmbeddedChannel(
                new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelActive(ChannelHandlerContext context) {
                        // Comes later than the engine's first bytes.
                    }
                },
                tunnel);

        tunnel.onNext(BytesMessage.newBuilder()
                .setData(ByteString.copyFromUtf8("PRI * HTTP/2.0"))
                .build());

        ByteBuf arrived = server.readOutbound();
        assertThat(arrived).isNotNull();
        assertThat(arrived.toString(StandardCharsets.UTF_8)).isEqualTo("PRI * HTTP/2.0");
        arrived.release();
    }
}
