package dev.sheaf.faults.chaos;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/** A real registry that does not always answer as it would: rules replace or change its answers. */
public final class ChaosRegistry implements AutoCloseable {
    private static final Set<String> NOT_FORWARDED =
            Set.of("host", "connection", "content-length", "upgrade", "http2-settings", "expect", "transfer-encoding");

    /** What a client asked, when, and what it was told. */
    public record Seen(String method, String path, long nanos, int status) {}

    /** What a client asks. */
    public record Request(String method, String path, Map<String, List<String>> headers, ByteString body) {
        /** Empty: not there. */
        public String header(String name) {
            return headers.entrySet().stream()
                    .filter(header -> header.getKey().equalsIgnoreCase(name))
                    .map(header -> String.join(",", header.getValue()))
                    .findFirst()
                    .orElse("");
        }
    }

    /** What it is told; of the body {@code sent} bytes, then the connection ends. */
    public record Reply(int status, Map<String, List<String>> headers, ByteString body, int sent) {
        /** An error as registries write it. */
        public static Reply error(int status, String code, String message) {
            return new Reply(
                    status,
                    Map.of("Content-Type", List.of("application/json")),
                    ByteString.copyFromUtf8(
                            "{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}]}"),
                    Integer.MAX_VALUE);
        }

        /** With this header, and no other of its name. */
        public Reply with(String name, String value) {
            Map<String, List<String>> all = new java.util.TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            all.putAll(headers);
            all.put(name, List.of(value));
            return new Reply(status, all, body, sent);
        }

        /** With another body. */
        public Reply withBody(String other) {
            return new Reply(status, headers, ByteString.copyFromUtf8(other), sent);
        }

        /** Of which only so many bytes arrive. */
        public Reply truncated(int bytes) {
            return new Reply(status, headers, body, bytes);
        }
    }

    /** Asks the real registry. */
    @FunctionalInterface
    public interface Upstream {
        Reply ask() throws IOException, InterruptedException;
    }

    /** What happens instead. */
    @FunctionalInterface
    public interface Action {
        Reply act(Request request, Upstream upstream) throws IOException, InterruptedException;
    }

    /** An action for the first so many requests that match. */
    public static final class Rule {
        private final String method;
        private final Pattern path;
        private final int times;
        private final Action action;
        private final AtomicInteger matches = new AtomicInteger();

        private Rule(String method, Pattern path, int times, Action action) {
            this.method = method;
            this.path = path;
            this.times = times;
            this.action = action;
        }

        /** How often it fired. */
        public int hits() {
            return Math.min(matches.get(), times);
        }

        private boolean takes(Request request) {
            return Pattern.matches(method, request.method())
                    && path.matcher(request.path()).matches()
                    && matches.getAndIncrement() < times;
        }
    }

    private final HttpServer server;
    private final ChaosProxy gate;
    private final ExecutorService threads;
    private final String upstream;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final List<Rule> rules = new CopyOnWriteArrayList<>();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();

    private ChaosRegistry(HttpServer server, ChaosProxy gate, ExecutorService threads, String upstream) {
        this.server = server;
        this.gate = gate;
        this.threads = threads;
        this.upstream = upstream;
    }

    /** In front of the registry at "127.0.0.1:PORT". */
    public static ChaosRegistry before(String registry) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(threads);
        ChaosProxy gate =
                ChaosProxy.before("127.0.0.1:" + server.getAddress().getPort()).plainOnly();
        ChaosRegistry chaos = new ChaosRegistry(server, gate, threads, registry);
        server.createContext("/", chaos::handle);
        server.start();
        return chaos;
    }

    /** Where it answers. */
    public String address() {
        return gate.address();
    }

    /** Does this to the first so many requests of the method and path, both regular expressions. Earlier rules win. */
    public Rule on(String method, String path, int times, Action action) {
        Rule rule = new Rule(method, Pattern.compile(path), times, action);
        rules.add(rule);
        return rule;
    }

    /** All rules end. */
    public void heal() {
        rules.clear();
    }

    /** What was asked, in order of the answers. */
    public List<Seen> seen(String method, String path) {
        return seen.stream()
                .filter(entry -> Pattern.matches(method, entry.method()) && Pattern.matches(path, entry.path()))
                .toList();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            long arrived = System.nanoTime();
            Request request = new Request(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    exchange.getRequestHeaders(),
                    ByteString.readFrom(exchange.getRequestBody()));
            Reply reply = answer(request);
            seen.add(new Seen(request.method(), request.path(), arrived, reply.status()));
            send(exchange, request, reply);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Reply answer(Request request) throws InterruptedException {
        try {
            for (Rule rule : rules) {
                if (rule.takes(request)) {
                    return rule.action.act(request, () -> ask(request));
                }
            }
            return ask(request);
        } catch (IOException e) {
            return Reply.error(502, "UNAVAILABLE", "the registry behind is down");
        }
    }

    private Reply ask(Request request) throws IOException, InterruptedException {
        HttpRequest.Builder ask = HttpRequest.newBuilder(URI.create("http://" + upstream + request.path()))
                .timeout(Duration.ofSeconds(60))
                .method(
                        request.method(),
                        request.body().isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(
                                        request.body().toByteArray()))
                .header("X-Forwarded-Host", address())
                .header("X-Forwarded-Proto", "http");
        request.headers().forEach((name, values) -> {
            if (!NOT_FORWARDED.contains(name.toLowerCase(java.util.Locale.ROOT))) {
                values.forEach(value -> ask.header(name, value));
            }
        });
        HttpResponse<byte[]> answer = client.send(ask.build(), HttpResponse.BodyHandlers.ofByteArray());
        return new Reply(
                answer.statusCode(), answer.headers().map(), ByteString.copyFrom(answer.body()), Integer.MAX_VALUE);
    }

    private static void send(HttpExchange exchange, Request request, Reply reply) throws IOException {
        reply.headers().forEach((name, values) -> {
            boolean isHead = request.method().equals("HEAD");
            if (!NOT_FORWARDED.contains(name.toLowerCase(java.util.Locale.ROOT))
                    || (isHead && name.equalsIgnoreCase("content-length"))) {
                exchange.getResponseHeaders().put(name, values);
            }
        });
        boolean isEmpty = reply.body().isEmpty() || request.method().equals("HEAD");
        exchange.sendResponseHeaders(reply.status(), isEmpty ? -1 : reply.body().size());
        if (!isEmpty) {
            int sent = Math.min(reply.sent(), reply.body().size());
            reply.body().substring(0, sent).writeTo(exchange.getResponseBody());
            exchange.getResponseBody().flush();
        }
    }

    @Override
    public void close() throws IOException {
        gate.close();
        server.stop(0);
        threads.shutdownNow();
        client.close();
    }
}
