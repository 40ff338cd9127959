package dev.sheaf.signal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * Tells systemd that a program of a unit with {@code Type=notify} does its work now, as sd_notify(3) describes: a
 * datagram to a Unix socket, which Java has no class for.
 */
public final class Readiness {
    /** The environment variable that names the socket. */
    public static final String SOCKET = "NOTIFY_SOCKET";

    private static final byte[] READY = "READY=1".getBytes(StandardCharsets.US_ASCII);

    // Linux, the same on amd64 and arm64.
    private static final short AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int PATH_BYTES = 108;

    private static final MemoryLayout INT = ValueLayout.JAVA_INT;
    private static final MemoryLayout LONG = ValueLayout.JAVA_LONG;
    private static final MemoryLayout POINTER = ValueLayout.ADDRESS;

    private Readiness() {}

    /**
     * Tells whoever listens there.
     *
     * @param socket a path, or "@" and an abstract name. Empty: nobody wants to know
     * @return whether it was told
     */
    public static boolean tell(String socket) {
        byte[] path = socket.getBytes(StandardCharsets.UTF_8);
        if (path.length == 0 || path.length >= PATH_BYTES) {
            return false;
        }
        if (path[0] == '@') {
            path[0] = 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            // struct sockaddr_un: the family, then the path. Its length says where the path ends.
            MemorySegment address = arena.allocate(Short.BYTES + PATH_BYTES);
            address.set(ValueLayout.JAVA_SHORT, 0, AF_UNIX);
            MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, Short.BYTES, path.length);
            MemorySegment message = arena.allocateFrom(ValueLayout.JAVA_BYTE, READY);
            return send(message, address, Short.BYTES + path.length);
        }
    }

    private static boolean send(MemorySegment message, MemorySegment address, int addressBytes) {
        try {
            int descriptor = (int)
                    function("socket", INT, INT, INT, INT).invokeExact((int) AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
            if (descriptor < 0) {
                return false;
            }
            long sent = (long) function("sendto", LONG, INT, POINTER, LONG, INT, POINTER, INT)
                    .invokeExact(descriptor, message, message.byteSize(), MSG_NOSIGNAL, address, addressBytes);
            int closed = (int) function("close", INT, INT).invokeExact(descriptor);
            return sent == message.byteSize() && closed == 0;
        } catch (Throwable e) {
            throw new IllegalStateException("the C library has no such function", e);
        }
    }

    /** A function of the C library. */
    @SuppressWarnings("restricted") // the launchers allow it
    private static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, arguments));
    }
}
