package dev.sheaf.agent.engine.channel;

import io.grpc.Status;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/** Whether anybody listens where an engine should, and if not, why and what to do: one line for people. */
public final class Reach {

    private static final String PING = "GET /_ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    private static final int MAX_REASON_CHARACTERS = 300;

    private Reach() {}

    /**
     * Finds out what listens on a Unix socket: Docker Engine answers HTTP/1.1, BuildKit does not. On a port, whether
     * BuildKit does, and agrees with the way in which it is spoken to.
     *
     * @throws IOException if nobody answers there; its message is a line for people
     */
    public static EngineAddress identify(EngineAddress address, Duration patience) throws IOException {
        return switch (address.kind()) {
            case BUILDKIT -> {
                if (address.isPort()) {
                    // Asks less than a question does: 4 s of 10.
                    PortCheck.require(address, patience.multipliedBy(2).dividedBy(5));
                }
                yield address;
            }
            case UNKNOWN ->
                address.as(speaksHttp(address, patience) ? EngineAddress.Kind.DOCKER : EngineAddress.Kind.BUILDKIT);
            case DOCKER -> {
                if (!speaksHttp(address, patience)) {
                    throw new IOException(address.text()
                            + " is not the socket of a Docker Engine; if it is BuildKit's write unix://"
                            + address.path());
                }
                yield address;
            }
        };
    }

    /** Why a call came to nothing, and what to do. */
    public static String words(EngineAddress address, Status status) {
        return switch (status.getCode()) {
            case DEADLINE_EXCEEDED -> silent(address);
            case UNAVAILABLE -> words(address, reason(status));
            case INTERNAL, UNIMPLEMENTED, UNKNOWN ->
                "what listens at " + address.text() + " is not BuildKit (" + reason(status)
                        + "); name the engine's own address with --engine";
            default -> address.text() + " refuses: " + reason(status) + "; look into the engine's log";
        };
    }

    /** An engine that takes connections and does not answer. */
    public static String silent(EngineAddress address) {
        return address.text()
                + " takes connections but does not answer: the engine hangs; look into its log, restart it";
    }

    /** The same for something that went wrong below. */
    public static String words(EngineAddress address, String reason) {
        String known = reason.toLowerCase(Locale.ROOT);
        if (known.contains("permission denied")) {
            return address.text() + ": permission denied; run the agent as root, or as a member of the socket's group";
        }
        if (known.contains("no such file")) {
            return address.text() + ": there is no such socket; start the engine, or name its address with --engine";
        }
        if (known.contains("connection refused")) {
            return address.text() + ": nobody listens there; start the engine, or name its address with --engine";
        }
        return address.text() + " does not answer: " + reason + "; start the engine, or look into its log";
    }

    private static String reason(Status status) {
        Throwable cause = status.getCause();
        while (cause != null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String said = cause != null && cause.getMessage() != null ? cause.getMessage() : status.getDescription();
        String line = said == null
                ? status.getCode().name()
                : said.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() <= MAX_REASON_CHARACTERS ? line : line.substring(0, MAX_REASON_CHARACTERS) + "...";
    }

    private static boolean speaksHttp(EngineAddress address, Duration patience) throws IOException {
        try (SocketChannel socket = connect(address.socket());
                Selector selector = Selector.open()) {
            ByteBuffer ping = ByteBuffer.wrap(PING.getBytes(StandardCharsets.US_ASCII));
            while (ping.hasRemaining()) {
                socket.write(ping);
            }
            socket.configureBlocking(false);
            socket.register(selector, SelectionKey.OP_READ);
            return answersHttp(address, socket, selector, patience);
        } catch (SilentException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(words(address, String.valueOf(e.getMessage())), e);
        }
    }

    private static SocketChannel connect(SocketAddress address) throws IOException {
        // Blocks only while the queue of a socket that nobody serves is full: then it is refused, on Linux.
        SocketChannel socket = SocketChannel.open(java.net.StandardProtocolFamily.UNIX);
        socket.configureBlocking(false);
        try {
            if (!socket.connect(address)) {
                throw new ConnectException("its queue of connections is full");
            }
            socket.configureBlocking(true);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static boolean answersHttp(
            EngineAddress address, SocketChannel socket, Selector selector, Duration patience) throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(5);
        while (answer.hasRemaining()) {
            selector.selectedKeys().clear();
            if (selector.select(patience.toMillis()) == 0) {
                throw new SilentException(silent(address));
            }
            try {
                if (socket.read(answer) < 0) {
                    break;
                }
            } catch (IOException e) {
                // BuildKit may cut off whoever does not begin with HTTP/2.
                return false;
            }
        }
        return new String(answer.array(), StandardCharsets.US_ASCII).equals("HTTP/");
    }

    private static final class SilentException extends IOException {
        SilentException(String message) {
            super(message);
        }
    }
}
