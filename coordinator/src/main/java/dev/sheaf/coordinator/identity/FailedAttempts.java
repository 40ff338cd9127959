package dev.sheaf.coordinator.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Wrong tokens by the address that they came from: few within a minute. */
final class FailedAttempts {
    static final int MOST = 5; // a minute

    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int MAX_ADDRESSES = 10_000;

    private final Cache<String, AtomicInteger> byHost;

    FailedAttempts(Ticker ticker) {
        this.byHost = Caffeine.newBuilder()
                .ticker(ticker)
                .maximumSize(MAX_ADDRESSES)
                .expireAfterWrite(WINDOW)
                .build();
    }

    /** Refuses a host that has failed too often. */
    void requireFew(String host) throws DeniedException {
        AtomicInteger failed = byHost.getIfPresent(host);
        if (failed != null && failed.get() >= MOST) {
            throw new DeniedException(
                    DeniedException.Kind.THROTTLED,
                    MOST + " wrong tokens came from " + host + " within a minute: wait a minute, then try again");
        }
    }

    void failed(String host) {
        byHost.get(host, _ -> new AtomicInteger()).incrementAndGet();
    }
}
