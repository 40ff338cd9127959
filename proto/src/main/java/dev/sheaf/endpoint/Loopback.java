package dev.sheaf.endpoint;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Tells hosts that never leave this machine from all others, by their spelling alone: asking DNS would let whoever
 * answers decide whether we may talk in clear text.
 */
public final class Loopback {
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern V4 = Pattern.compile("127(\\." + OCTET + "){3}");

    private Loopback() {}

    /** True for {@code localhost}, {@code 127.0.0.0/8} and {@code ::1}; the host comes without port, brackets or not. */
    public static boolean contains(String host) {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        String lower = bare.toLowerCase(Locale.ROOT);
        return lower.equals("localhost")
                || lower.equals("::1")
                || lower.equals("0:0:0:0:0:0:0:1")
                || V4.matcher(lower).matches();
    }
}
