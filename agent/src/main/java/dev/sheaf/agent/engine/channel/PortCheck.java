package dev.sheaf.agent.engine.channel;

import io.netty.handler.ssl.JdkSslContext;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * One connection to an engine's port, only to learn in words whether it can be used: what a gRPC channel says of a
 * handshake that failed, or of TLS on one side only, helps nobody. Both sides of HTTP/2 begin with their settings.
 */
final class PortCheck {

    private static final byte[] HELLO =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.US_ASCII);

    private static final int FRAME_HEAD_BYTES = 9;
    private static final int FRAME_TYPE = 3; // its place in the head
    private static final byte SETTINGS = 4;
    private static final byte TLS_ALERT = 0x15;

    private final EngineAddress address;
    private final AtomicBoolean connected = new AtomicBoolean();

    private PortCheck(EngineAddress address) {
        this.address = address;
    }

    /**
     * Connects, and hears the engine's first words.
     *
     * @param patience for all of it: name, connection, handshake, words
     * @throws IOException if they are not BuildKit's; its message is a line for people
     */
    static void require(EngineAddress address, Duration patience) throws IOException {
        new PortCheck(address).within(patience);
    }

    /** On a thread of its own: it can wait in the resolver, for a connection, or for each of a few answers. */
    private void within(Duration patience) throws IOException {
        // Before the time counts: what the files take is not the engine's.
        JdkSslContext context =
                address.tls().isPresent() ? (JdkSslContext) address.tls().get().load() : null;
        FutureTask<String> checking = new FutureTask<>(() -> problem(context));
        Thread.ofVirtual().name("port-check").start(checking);
        String problem;
        try {
            problem = checking.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException(
                    connected.get()
                            ? Reach.silent(address)
                            : address.text() + " does not answer within " + patience.toSeconds()
                                    + " s; see that its machine is up and no firewall in between",
                    e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException said ? said : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            checking.cancel(true);
        }
        if (!problem.isEmpty()) {
            throw new IOException(problem);
        }
    }

    private String problem(@Nullable JdkSslContext context) throws IOException {
        InetSocketAddress there = (InetSocketAddress) address.resolved();
        if (there.isUnresolved()) {
            return address.text() + ": the name " + there.getHostString()
                    + " is not known; write it right in --engine, or ask for it in DNS";
        }
        try (Socket plain = new Socket()) {
            plain.connect(there);
            connected.set(true);
            if (context == null) {
                return firstWords(plain);
            }
            try (SSLSocket secure = (SSLSocket) context.context()
                    .getSocketFactory()
                    .createSocket(plain, address.serverName(), there.getPort(), true)) {
                secure.setSSLParameters(parameters(secure.getSSLParameters()));
                secure.startHandshake();
                return firstWords(secure);
            }
        } catch (SSLException e) {
            // Who hangs up in the middle of a handshake gives no reason.
            return e.getCause() instanceof EOFException || e.getCause() instanceof SocketException
                    ? hungUp()
                    : TlsWords.of(address, e);
        } catch (EOFException | SocketException e) {
            return connected.get() ? hungUp() : Reach.words(address, String.valueOf(e.getMessage()));
        }
    }

    private static SSLParameters parameters(SSLParameters parameters) {
        parameters.setProtocols(new String[] {EngineTls.PROTOCOL});
        parameters.setApplicationProtocols(new String[] {"h2"});
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        return parameters;
    }

    /** With TLS 1.3, that our certificate is refused is heard only here. */
    private String firstWords(Socket socket) throws IOException {
        try {
            socket.getOutputStream().write(HELLO);
        } catch (SocketException e) {
            // It has hung up; what it said before can be read still.
        }
        byte[] head = socket.getInputStream().readNBytes(FRAME_HEAD_BYTES);
        if (head.length == FRAME_HEAD_BYTES && head[FRAME_TYPE] == SETTINGS) {
            return "";
        }
        if (address.tls().isEmpty() && head.length > 0 && head[0] == TLS_ALERT) {
            return address.text() + " speaks TLS; name --engine-ca, --engine-cert and --engine-key";
        }
        return head.length == 0
                ? hungUp()
                : "what listens at " + address.text() + " is not BuildKit; name the engine's own address with --engine";
    }

    private String hungUp() {
        return address.tls().isPresent()
                ? address.text() + " hangs up during TLS: it speaks plaintext, or wants another certificate; look into"
                        + " the engine's log"
                : address.text() + " hangs up at once: it is not BuildKit, or speaks TLS; for TLS name --engine-ca,"
                        + " --engine-cert and --engine-key";
    }
}
