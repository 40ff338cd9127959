package dev.sheaf.coordinator.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Wrong tokens by where they came from: few within a minute. Of IPv6 the network of 64 bits counts, for a host has all
 * addresses of its own; of IPv4 the address. At most so many places are remembered: for one to be forgotten early, as many
 * others have to fail.
 */
final class FailedAttempts {
    static final int MOST = 5; // a minute
    static final int MAX_PLACES = 10_000;

    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int ADDRESS_BYTES = 16; // of IPv6
    private static final int NETWORK_BYTES = 8;

    private final Cache<String, AtomicInteger> byPlace;

    FailedAttempts(Ticker ticker) {
        this.byPlace = Caffeine.newBuilder()
                .ticker(ticker)
                .maximumSize(MAX_PLACES)
                .expireAfterWrite(WINDOW)
                .build();
    }

    /** Refuses a host from whose place too many failed. */
    void requireFew(String host) throws DeniedException {
        String place = place(host);
        AtomicInteger failed = byPlace.getIfPresent(place);
        if (failed != null && failed.get() >= MOST) {
            throw new DeniedException(
                    DeniedException.Kind.THROTTLED,
                    MOST + " wrong tokens came from " + place + " within a minute: wait a minute, then try again");
        }
    }

    void failed(String host) {
        byPlace.get(place(host), _ -> new AtomicInteger()).incrementAndGet();
    }

    /** Places that are remembered, about: those that were forgotten a moment ago may be counted. */
    long size() {
        byPlace.cleanUp();
        return byPlace.estimatedSize();
    }

    /** What counts as one: "192.0.2.1", "2001:db8:0:1:0:0:0:0/64". */
    private static String place(String host) {
        int zone = host.indexOf('%'); // the name of an interface
        try {
            InetAddress address = InetAddress.ofLiteral(zone < 0 ? host : host.substring(0, zone));
            if (!(address instanceof Inet6Address)) {
                return address.getHostAddress();
            }
            byte[] network = Arrays.copyOf(Arrays.copyOf(address.getAddress(), NETWORK_BYTES), ADDRESS_BYTES);
            return InetAddress.getByAddress(network).getHostAddress() + "/64";
        } catch (IllegalArgumentException | UnknownHostException e) {
            return host; // not known, or not an address
        }
    }
}
