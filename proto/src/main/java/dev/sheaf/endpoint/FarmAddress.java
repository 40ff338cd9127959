package dev.sheaf.endpoint;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Where a coordinator listens or is called: a host without brackets and a port (0 lets the system choose one). */
public record FarmAddress(String host, int port) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?");
    private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");
    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

    /** The port when none is written. */
    public static final int DEFAULT_PORT = 7420;

    /** The address of a farm on this machine. */
    public static final FarmAddress DEFAULT = new FarmAddress("127.0.0.1", DEFAULT_PORT);

    /** Refuses a host that is no name or address, and a port out of range. */
    public FarmAddress {
        boolean v6 = host.indexOf(':') >= 0;
        if (!(v6 ? V6 : NAME).matcher(host).matches()) {
            throw new IllegalArgumentException("the host \"" + host + "\" is neither a host name nor an address");
        }
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("the port " + port + " is not between 0 and 65535");
        }
    }

    /** Reads {@code host}, {@code host:port} or {@code [v6]:port}; throws IllegalArgumentException with one sentence. */
    public static FarmAddress parse(String text) {
        if (text.contains("://") || text.contains("/")) {
            throw refused(text, "write host:port without a scheme or path, such as " + DEFAULT);
        }
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            if (end < 0) {
                throw refused(text, "the bracket is not closed; write [::1]:" + DEFAULT_PORT);
            }
            String host = text.substring(1, end);
            if (host.indexOf(':') < 0) {
                throw refused(text, "brackets hold an IPv6 address only");
            }
            return of(text, host, text.substring(end + 1));
        }
        int colon = text.indexOf(':');
        if (colon >= 0 && text.indexOf(':', colon + 1) >= 0) {
            throw refused(text, "write an IPv6 address in brackets, such as [::1]:" + DEFAULT_PORT);
        }
        return colon < 0 ? of(text, text, "") : of(text, text.substring(0, colon), text.substring(colon));
    }

    /** Reads addresses that are separated by commas, each once, in order; throws as {@link #parse} does. */
    public static List<FarmAddress> parseList(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(one -> parse(one.strip()))
                .distinct()
                .toList();
    }

    private static FarmAddress of(String text, String host, String portPart) {
        if (portPart.isEmpty()) {
            return checked(text, host, DEFAULT_PORT);
        }
        if (!portPart.startsWith(":") || !PORT.matcher(portPart.substring(1)).matches()) {
            throw refused(text, "the port must be a number between 0 and 65535");
        }
        return checked(text, host, Integer.parseInt(portPart.substring(1)));
    }

    private static FarmAddress checked(String text, String host, int port) {
        try {
            return new FarmAddress(host, port);
        } catch (IllegalArgumentException e) {
            throw refused(text, String.valueOf(e.getMessage()));
        }
    }

    private static IllegalArgumentException refused(String text, String why) {
        return new IllegalArgumentException("\"" + text + "\" is not a farm address: " + why);
    }

    /** Whether what is said to this address stays on this machine. */
    public boolean isLoopback() {
        return Loopback.contains(host);
    }

    /** This address, if clear text may be spoken there; throws IllegalArgumentException with one sentence otherwise. */
    public FarmAddress requirePlaintextAllowed() {
        if (!isLoopback()) {
            throw new IllegalArgumentException("the address " + this
                    + " is refused in clear text, which is spoken on this machine only (127.0.0.1 or ::1): log in with"
                    + " \"sheaf login " + this + "\", join an agent with \"sheaf-agent join " + this + "\"");
        }
        return this;
    }

    /** The address for sockets; a name is resolved now. */
    public InetSocketAddress socketAddress() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
