package dev.sheaf.image.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One exchange with a registry: authorises, follows redirects by hand, and turns what is not an answer into a failure.
 * Redirects are ours because an HTTP client would take the Authorization header along to other hosts.
 */
final class Transport {
    static final JsonMapper JSON = new JsonMapper();
    static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);

    private static final int MAX_REDIRECTS = 5;
    private static final int MAX_ERROR_TEXT = 200; // characters of what a registry says, shown to people
    private static final int MAX_ERROR_BYTES = 65_536;
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cntrl}\\p{Cf}]+");

    private final HttpClient http;
    private final RegistryAddress address;
    private final Authorizer authorizer;
    private final InstantSource clock;

    Transport(HttpClient http, RegistryAddress address, Authorizer authorizer, InstantSource clock) {
        this.http = http;
        this.address = address;
        this.authorizer = authorizer;
        this.clock = clock;
    }

    /** What to send. {@code what} completes the sentence "cannot ...", with registry and repository. */
    record Exchange(
            String method,
            URI uri,
            Map<String, String> headers,
            Supplier<HttpRequest.BodyPublisher> body,
            String scope,
            String what,
            Duration timeout) {
        static Exchange of(String method, URI uri, String scope, String what) {
            return new Exchange(
                    method, uri, Map.of(), HttpRequest.BodyPublishers::noBody, scope, what, REQUEST_TIMEOUT);
        }

        Exchange withHeader(String name, String value) {
            return new Exchange(method, uri, Map.of(name, value), body, scope, what, timeout);
        }

        Exchange withBody(String mediaType, Supplier<HttpRequest.BodyPublisher> content, Duration allowed) {
            return new Exchange(method, uri, Map.of("Content-Type", mediaType), content, scope, what, allowed);
        }
    }

    /** The answer, unless it is that we are not welcome or that the registry is in trouble. */
    <T> HttpResponse<T> send(Exchange exchange, HttpResponse.BodyHandler<T> handler)
            throws RegistryException, InterruptedException {
        Optional<String> known = authorizer.known(exchange.scope());
        HttpResponse<T> response = follow(exchange, known, handler);
        if (response.statusCode() == 401 && address.isOrigin(response.uri())) {
            var challenges = Challenge.parse(response.headers().allValues("WWW-Authenticate"));
            discard(response);
            String authorization = authorizer.answer(challenges, exchange.scope(), exchange.what());
            response = follow(exchange, Optional.of(authorization), handler);
        }
        int status = response.statusCode();
        if (status == 401 || status == 403) {
            String said = said(response);
            if (!address.isOrigin(response.uri())) {
                throw new RegistryException.Refused("cannot " + exchange.what() + ": "
                        + RegistryAddress.origin(response.uri()) + ", where the registry sent us, answered " + status);
            }
            throw authorizer.refused(exchange.what(), said, status == 403);
        }
        if (status == 429 || status >= 500) {
            throw new RegistryException.Unavailable(
                    "cannot " + exchange.what() + ": the registry answered " + status + said(response),
                    null,
                    retryAfter(response.headers()));
        }
        return response;
    }

    private <T> HttpResponse<T> follow(
            Exchange exchange, Optional<String> authorization, HttpResponse.BodyHandler<T> handler)
            throws RegistryException, InterruptedException {
        URI uri = exchange.uri();
        boolean trusted = true;
        for (int redirects = 0; ; redirects++) {
            // Once elsewhere, the header stays off: whoever answers there must not lead us back with it.
            trusted = trusted && address.isOrigin(uri);
            HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                    .timeout(exchange.timeout())
                    .method(exchange.method(), exchange.body().get());
            exchange.headers().forEach(request::header);
            if (trusted) {
                authorization.ifPresent(value -> request.header("Authorization", value));
            }
            HttpResponse<T> response = once(http, request.build(), handler, exchange.what());
            if (!isRedirect(exchange.method(), response.statusCode())) {
                return response;
            }
            discard(response);
            if (redirects == MAX_REDIRECTS) {
                throw new RegistryException.Inconsistent(
                        "cannot " + exchange.what() + ": more than " + MAX_REDIRECTS + " redirects");
            }
            uri = target(uri, response.headers(), exchange.what());
        }
    }

    private static boolean isRedirect(String method, int status) {
        return switch (status) {
            case 301, 302, 303 -> method.equals("GET") || method.equals("HEAD");
            case 307, 308 -> true;
            default -> false;
        };
    }

    /** Where a Location header leads from here, never from https to http. */
    static URI target(URI from, HttpHeaders headers, String what) throws RegistryException {
        String location = headers.firstValue("Location").orElse("");
        URI target;
        try {
            target = from.resolve(location);
        } catch (IllegalArgumentException _) {
            throw new RegistryException.Inconsistent(
                    "cannot " + what + ": the registry sent us to a malformed address");
        }
        boolean web = "http".equalsIgnoreCase(target.getScheme()) || "https".equalsIgnoreCase(target.getScheme());
        if (location.isEmpty() || !web || target.getHost() == null) {
            throw new RegistryException.Inconsistent("cannot " + what + ": the registry sent us to no usable address");
        }
        if ("https".equalsIgnoreCase(from.getScheme()) && "http".equalsIgnoreCase(target.getScheme())) {
            throw new RegistryException.Refused("cannot " + what + ": the registry sent us from https to clear text at "
                    + RegistryAddress.origin(target));
        }
        return target;
    }

    /** One request, with the time limit over headers and whole-read bodies alike. */
    static <T> HttpResponse<T> once(
            HttpClient http, HttpRequest request, HttpResponse.BodyHandler<T> handler, String what)
            throws RegistryException, InterruptedException {
        Duration allowed = request.timeout().orElse(REQUEST_TIMEOUT);
        CompletableFuture<HttpResponse<T>> answer = http.sendAsync(request, handler);
        try {
            return answer.get(allowed.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw e;
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw late(request, what, allowed, e);
        } catch (ExecutionException e) {
            throw failed(request, what, allowed, e.getCause());
        }
    }

    private static RegistryException failed(
            HttpRequest request, String what, Duration allowed, @Nullable Throwable cause) {
        if (cause instanceof HttpTimeoutException && !(cause instanceof HttpConnectTimeoutException)) {
            return late(request, what, allowed, cause);
        }
        String detail = cause == null ? "" : shown(String.valueOf(cause.getMessage()));
        if (detail.contains("body exceeds capacity")) {
            return new RegistryException.Inconsistent("cannot " + what + ": the answer is larger than is allowed");
        }
        String reason = detail.isEmpty() || detail.equals("null") ? "" : " (" + detail + ")";
        return new RegistryException.Unavailable(
                "cannot " + what + ": no connection to " + RegistryAddress.origin(request.uri()) + reason
                        + "; check that the registry runs and can be reached from this machine",
                cause,
                null);
    }

    private static RegistryException late(HttpRequest request, String what, Duration allowed, Throwable cause) {
        return new RegistryException.Unavailable(
                "cannot " + what + ": " + RegistryAddress.origin(request.uri()) + " did not answer within "
                        + allowed.toSeconds() + " s",
                cause,
                null);
    }

    private @Nullable Duration retryAfter(HttpHeaders headers) {
        String value = headers.firstValue("Retry-After").orElse("").strip();
        if (SECONDS.matcher(value).matches()) {
            return Duration.ofSeconds(Long.parseLong(value));
        }
        try {
            Duration until =
                    Duration.between(clock.instant(), ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME));
            return until.isNegative() ? Duration.ZERO : until;
        } catch (DateTimeParseException _) {
            return null;
        }
    }

    /** What the registry said about its refusal, as the end of a sentence; empty if nothing. */
    static String said(HttpResponse<?> response) {
        try {
            JsonNode error = JSON.readTree(content(response)).path("errors").path(0);
            String text = shown(
                    error.path("code").asText("") + " " + error.path("message").asText(""));
            return text.isEmpty() ? "" : ": " + text;
        } catch (IOException _) {
            return "";
        }
    }

    private static byte[] content(HttpResponse<?> response) throws IOException {
        return switch (response.body()) {
            case byte[] bytes -> bytes;
            case InputStream stream -> {
                try (stream) {
                    yield stream.readNBytes(MAX_ERROR_BYTES);
                }
            }
            case null, default -> "{}".getBytes(StandardCharsets.UTF_8);
        };
    }

    private static void discard(HttpResponse<?> response) {
        if (response.body() instanceof InputStream stream) {
            try (stream) {
                stream.readNBytes(MAX_ERROR_BYTES);
            } catch (IOException _) {
                // The connection is lost then, and nothing was wanted from it.
            }
        }
    }

    private static String shown(String text) {
        String line = UNPRINTABLE.matcher(text).replaceAll(" ").strip();
        return line.length() <= MAX_ERROR_TEXT ? line : line.substring(0, MAX_ERROR_TEXT) + "...";
    }

    static JsonNode json(byte[] bytes, String what) throws RegistryException {
        try {
            return JSON.readTree(bytes);
        } catch (JsonProcessingException _) {
            throw new RegistryException.Inconsistent("cannot " + what + ": the answer is not valid JSON");
        } catch (IOException _) {
            throw new RegistryException.Inconsistent("cannot " + what + ": the answer cannot be read");
        }
    }
}
