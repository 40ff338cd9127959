package dev.sheaf.faults.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A connection that misbehaves: bytes between a client and a server, late, slow, held back, or cut off. */
public final class ChaosProxy implements AutoCloseable {
    private static final int BUFFER = 16 * 1024; // bytes
    /** First byte of a record that opens TLS; no letter, so nothing of HTTP. */
    private static final byte TLS_HANDSHAKE = 22;

    /** Which way bytes go. */
    public enum Direction {
        TO_SERVER,
        TO_CLIENT
    }

    /** What is wrong with one direction. */
    private static final class Fault {
        long latencyMillis;
        long bytesPerSecond = Long.MAX_VALUE;
        boolean isHeld;
        /** Bytes until the connection is reset. */
        long resetAfter = Long.MAX_VALUE;

        final AtomicLong hits = new AtomicLong();
    }

    private final ServerSocket listener;
    private final InetSocketAddress server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Direction, Fault> faults =
            Map.of(Direction.TO_SERVER, new Fault(), Direction.TO_CLIENT, new Fault());
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong resets = new AtomicLong();
    private volatile boolean refuses;
    private volatile boolean plainOnly;
    private volatile boolean closed;

    private ChaosProxy(ServerSocket listener, InetSocketAddress server) {
        this.listener = listener;
        this.server = server;
    }

    /** A proxy in front of "127.0.0.1:PORT". */
    public static ChaosProxy before(String address) throws IOException {
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        ServerSocket listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
        ChaosProxy proxy = new ChaosProxy(listener, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        Thread.ofVirtual().name("chaos-accept").start(proxy::accept);
        return proxy;
    }

    /** Says at once to those who try TLS that this is plain HTTP, as a real registry does. */
    ChaosProxy plainOnly() {
        plainOnly = true;
        return this;
    }

    /** Where clients connect. */
    public String address() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    /** Each piece of data arrives so much later. */
    public void delay(Direction direction, Duration latency) {
        change(() -> fault(direction).latencyMillis = latency.toMillis());
    }

    /** At most so many bytes a second on each connection. */
    public void throttle(Direction direction, long bytesPerSecond) {
        change(() -> fault(direction).bytesPerSecond = bytesPerSecond);
    }

    /** Bytes are taken and go nowhere, until {@link #heal}. */
    public void hold(Direction direction) {
        change(() -> fault(direction).isHeld = true);
    }

    /** Connections are reset once so many bytes more have passed. Happens once. */
    public void resetAfter(Direction direction, long bytes) {
        change(() -> fault(direction).resetAfter = bytes);
    }

    /** New connections are closed at once, until {@link #heal}. */
    public void refuse() {
        refuses = true;
    }

    /** Resets every connection there is. */
    public void resetAll() {
        sockets.forEach(this::reset);
    }

    /** No fault any more; what was held goes on. */
    public void heal() {
        refuses = false;
        change(() -> faults.values().forEach(fault -> {
            fault.latencyMillis = 0;
            fault.bytesPerSecond = Long.MAX_VALUE;
            fault.isHeld = false;
            fault.resetAfter = Long.MAX_VALUE;
        }));
    }

    /** How often a fault has met data of this direction. */
    public long hits(Direction direction) {
        return fault(direction).hits.get();
    }

    /** The same of both directions. */
    public long hits() {
        return faults.values().stream().mapToLong(fault -> fault.hits.get()).sum();
    }

    /** Connections that were reset. */
    public long resets() {
        return resets.get();
    }

    /** Connections that came, refused ones too. */
    public long connections() {
        return connections.get();
    }

    private Fault fault(Direction direction) {
        return java.util.Objects.requireNonNull(faults.get(direction));
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = listener.accept();
                connections.incrementAndGet();
                if (refuses) {
                    reset(client);
                } else {
                    Thread.ofVirtual().name("chaos-connect").start(() -> connect(client));
                }
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void connect(Socket client) {
        try {
            Socket upstream = new Socket();
            upstream.connect(server, 2_000);
            sockets.add(client);
            sockets.add(upstream);
            Thread.ofVirtual().start(() -> pump(client, upstream, Direction.TO_SERVER));
            Thread.ofVirtual().start(() -> pump(upstream, client, Direction.TO_CLIENT));
        } catch (IOException e) {
            reset(client);
        }
    }

    private void pump(Socket from, Socket to, Direction direction) {
        Fault fault = fault(direction);
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (plainOnly && direction == Direction.TO_SERVER && buffer[0] == TLS_HANDSHAKE) {
                    from.getOutputStream()
                            .write("HTTP/1.0 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    from.close();
                    to.close();
                    return;
                }
                if (isReset(fault, read)) {
                    resets.incrementAndGet();
                    reset(from);
                    reset(to);
                    return;
                }
                awaitPassage(fault, read);
                out.write(buffer, 0, read);
                out.flush();
            }
            to.shutdownOutput();
        } catch (IOException e) {
            reset(from);
            reset(to);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isReset(Fault fault, int bytes) {
        lock.lock();
        try {
            if (fault.resetAfter == Long.MAX_VALUE) {
                return false;
            }
            fault.resetAfter -= bytes;
            if (fault.resetAfter > 0) {
                return false;
            }
            fault.resetAfter = Long.MAX_VALUE;
            fault.hits.incrementAndGet();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void awaitPassage(Fault fault, int bytes) throws InterruptedException {
        long pauseMillis;
        lock.lockInterruptibly();
        try {
            if (fault.isHeld) {
                fault.hits.incrementAndGet();
            }
            while (fault.isHeld && !closed) {
                changed.await();
            }
            pauseMillis = fault.latencyMillis;
            if (fault.bytesPerSecond != Long.MAX_VALUE) {
                pauseMillis += bytes * 1_000L / fault.bytesPerSecond;
            }
            if (pauseMillis > 0) {
                fault.hits.incrementAndGet();
            }
        } finally {
            lock.unlock();
        }
        if (pauseMillis > 0) {
            Thread.sleep(pauseMillis);
        }
    }

    /** Closing with linger 0 sends RST. */
    private void reset(Socket socket) {
        sockets.remove(socket);
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // closed already
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        listener.close();
        heal();
        resetAll();
    }
}
