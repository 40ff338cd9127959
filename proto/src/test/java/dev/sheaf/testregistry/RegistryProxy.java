package dev.sheaf.testregistry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Stands before a real registry and makes the trouble that rules ask for; passes on all else. The first rule that
 * matches and is not used up is followed. Closing it fails unless every rule was followed as often as it says.
 */
public final class RegistryProxy implements AutoCloseable {
    private static final Set<String> NOT_PASSED_ON =
            Set.of("host", "connection", "content-length", "transfer-encoding", "upgrade", "http2-settings", "expect");

    private final HttpServer server;
    private final String registry;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Rule> rules = new CopyOnWriteArrayList<>();
    private final List<String> passed = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    private RegistryProxy(HttpServer server, String registry) {
        this.server = server;
        this.registry = registry;
    }

    /** One before the registry of this host and port. */
    public static RegistryProxy before(String registry) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        RegistryProxy proxy = new RegistryProxy(server, registry);
        server.setExecutor(proxy.threads);
        server.createContext("/", proxy::handle);
        server.start();
        return proxy;
    }

    /** Host and port. */
    public String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** What reached the registry so far and matches: {@code METHOD /path}. */
    public List<String> passed(String regex) {
        return passed.stream().filter(Pattern.compile(regex).asMatchPredicate()).toList();
    }

    /** For requests whose {@code METHOD /path} matches as a whole: what to do instead of passing them on. */
    public Rule on(String regex) {
        return new Rule(Pattern.compile(regex));
    }

    /** One kind of trouble. Once, unless told otherwise. */
    public final class Rule {
        private final Pattern request;
        private final AtomicInteger left = new AtomicInteger(1);
        private final AtomicInteger followed = new AtomicInteger();
        private boolean forEver;
        private Consumer<HttpExchange> action = _ -> {};

        private Rule(Pattern request) {
            this.request = request;
        }

        /** So often in all. */
        public Rule times(int count) {
            left.set(count);
            return this;
        }

        /** At least once, and whenever it matches. */
        public Rule always() {
            forEver = true;
            return this;
        }

        /** Answers this; headers are names and values in turn. */
        public Rule answers(int status, String body, String... headers) {
            return does(exchange -> {
                for (int i = 0; i < headers.length; i += 2) {
                    exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
                }
                reply(exchange, status, body.getBytes(StandardCharsets.UTF_8));
            });
        }

        /** Drops the connection; the registry hears nothing. */
        public Rule dropsRequest() {
            return does(_ -> {});
        }

        /** Passes the request on, and drops the connection instead of answering. */
        public Rule dropsAnswer() {
            return does(exchange -> {
                try {
                    var _ = ask(exchange);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
        }

        /** Never answers. */
        public Rule hangs() {
            return does(_ -> {
                try {
                    closed.await();
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                }
            });
        }

        /** Does this, and drops the connection. */
        public Rule does(Consumer<HttpExchange> what) {
            action = what;
            rules.add(this);
            return this;
        }

        /** Ends it. */
        public void end() {
            rules.remove(this);
            requireFollowed();
        }

        private boolean takes(String line) {
            if (!request.matcher(line).matches() || (!forEver && left.getAndUpdate(n -> Math.max(0, n - 1)) == 0)) {
                return false;
            }
            followed.incrementAndGet();
            return true;
        }

        private void requireFollowed() {
            if (followed.get() == 0 || (!forEver && left.get() > 0)) {
                throw new AssertionError("the rule for " + request + " was followed " + followed
                        + " times and should have been more often; passed on: " + passed);
            }
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String line =
                    exchange.getRequestMethod() + " " + exchange.getRequestURI().getRawPath();
            for (Rule rule : rules) {
                if (rule.takes(line)) {
                    rule.action.accept(exchange);
                    return;
                }
            }
            HttpResponse<byte[]> response = ask(exchange);
            response.headers().map().forEach((name, values) -> {
                if (!NOT_PASSED_ON.contains(name.toLowerCase(Locale.ROOT))
                        || (exchange.getRequestMethod().equals("HEAD") && name.equalsIgnoreCase("content-length"))) {
                    exchange.getResponseHeaders().put(name, values);
                }
            });
            reply(exchange, response.statusCode(), response.body());
        }
    }

    private HttpResponse<byte[]> ask(HttpExchange exchange) throws IOException {
        URI uri = URI.create("http://" + registry + exchange.getRequestURI());
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .method(
                        exchange.getRequestMethod(),
                        HttpRequest.BodyPublishers.ofByteArray(
                                exchange.getRequestBody().readAllBytes()));
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!NOT_PASSED_ON.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
            }
        });
        // So that the registry's Location headers lead back here.
        request.header("X-Forwarded-Host", address()).header("X-Forwarded-Proto", "http");
        try {
            HttpResponse<byte[]> response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            passed.add(exchange.getRequestMethod() + " " + uri.getRawPath());
            return response;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static void reply(HttpExchange exchange, int status, byte[] body) {
        try {
            boolean isBodiless = exchange.getRequestMethod().equals("HEAD") || body.length == 0;
            exchange.sendResponseHeaders(status, isBodiless ? -1 : body.length);
            if (!isBodiless) {
                exchange.getResponseBody().write(body);
            }
        } catch (IOException _) {
            // The caller went away.
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
        http.close();
        rules.forEach(Rule::requireFollowed);
    }
}
