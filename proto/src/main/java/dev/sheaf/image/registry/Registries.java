package dev.sheaf.image.registry;

import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** Opens registries over one shared HTTP client. Clear text only on this machine and to hosts that were named for it. */
public final class Registries implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private static final Duration STALL_LIMIT = Duration.ofSeconds(30);

    private final HttpClient http;
    private final RetryPolicy retry;
    private final InstantSource clock;
    private final Set<String> insecureHosts;
    private final ScheduledThreadPoolExecutor watch;
    private final VerifiedStream.Stall stall;

    /** The insecure hosts are {@code host} or {@code host:port}; loopback needs no naming. */
    public Registries(RetryPolicy retry, InstantSource clock, Set<String> insecureHosts) {
        this(retry, clock, insecureHosts, STALL_LIMIT);
    }

    Registries(RetryPolicy retry, InstantSource clock, Set<String> insecureHosts, Duration stallLimit) {
        this.watch = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("registry-stalls").factory());
        this.watch.setRemoveOnCancelPolicy(true);
        this.stall = new VerifiedStream.Stall(stallLimit, watch);
        this.retry = retry;
        this.clock = clock;
        this.insecureHosts = Set.copyOf(insecureHosts);
        this.http = client();
    }

    /**
     * Loads what the first request needs, which takes a tenth of a second: for a program that has just started and will
     * ask a registry once it has read what it is to do.
     */
    public static void load() {
        client().close();
    }

    private static HttpClient client() {
        return HttpClient.newBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    /** The registry as image references name it; nothing is sent yet. Keep it: it remembers its tokens. */
    public Registry open(String registry, Credentials credentials) {
        RegistryAddress address = RegistryAddress.of(registry, insecureHosts);
        Authorizer authorizer = new Authorizer(http, address, credentials, clock);
        return new HttpRegistry(address, new Transport(http, address, authorizer, clock), retry, stall);
    }

    /** Gives up whatever is under way. */
    @Override
    public void close() {
        http.shutdownNow();
        http.close();
        watch.shutdownNow();
    }
}
