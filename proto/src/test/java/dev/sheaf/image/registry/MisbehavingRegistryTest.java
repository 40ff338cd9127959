package dev.sheaf.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sheaf.image.Digest;
import dev.sheaf.image.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Servers that redirect, fail, lie and eavesdrop. */
final class MisbehavingRegistryTest {
    private static final byte[] CONTENT = "{}".getBytes(StandardCharsets.UTF_8);
    private static final Credentials.Basic USER = new Credentials.Basic("ann", "s3cret-pw");

    private final List<Duration> pauses = new ArrayList<>();
    private final InstantSource clock = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));
    private final RetryPolicy retry =
            new RetryPolicy(4, Duration.ofMillis(100), Duration.ofMillis(300), () -> 0, pauses::add);
    private final Registries registries = new Registries(retry, clock, Set.of());
    private Server registry = new Server();
    private Server elsewhere = new Server();

    /** Answers from a list, the last one for ever, and remembers who sent credentials. */
    private static final class Server {
        private final HttpServer http;
        private final Deque<Answer> answers = new ArrayDeque<>();
        private final List<String> authorizations = new CopyOnWriteArrayList<>();

        private record Answer(int status, byte[] body, String... headers) {}

        Server() {
            try {
                http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            http.createContext("/", this::handle);
            http.start();
        }

        String address() {
            return "127.0.0.1:" + http.getAddress().getPort();
        }

        Server answer(int status, byte[] body, String... headers) {
            answers.add(new Answer(status, body, headers));
            return this;
        }

        private void handle(HttpExchange exchange) throws IOException {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
                Answer answer = answers.size() > 1 ? answers.remove() : answers.element();
                for (int i = 0; i < answer.headers.length; i += 2) {
                    exchange.getResponseHeaders().add(answer.headers[i], answer.headers[i + 1]);
                }
                boolean bodiless = exchange.getRequestMethod().equals("HEAD") || answer.body.length == 0;
                exchange.sendResponseHeaders(answer.status, bodiless ? -1 : answer.body.length);
                if (!bodiless) {
                    exchange.getResponseBody().write(answer.body);
                }
            }
        }
    }

    @BeforeEach
    void open() {
        pauses.clear();
    }

    @AfterEach
    void stop() {
        registries.close();
        registry.http.stop(0);
        elsewhere.http.stop(0);
    }

    private Registry open(Credentials credentials) {
        return registries.open(registry.address(), credentials);
    }

    @Test
    void blob_redirectedElsewhere_authorizationStaysBehind() throws Exception {
        registry.answer(401, CONTENT, "WWW-Authenticate", "Basic realm=\"x\"")
                .answer(307, CONTENT, "Location", "http://" + elsewhere.address() + "/storage?signature=1");
        elsewhere.answer(200, CONTENT);
        try (InputStream blob = open(USER).blob("app", Digest.of(CONTENT))) {
            assertThat(blob.readAllBytes()).isEqualTo(CONTENT);
        }
        assertThat(registry.authorizations).hasSize(2).last().asString().startsWith("Basic ");
        assertThat(elsewhere.authorizations).containsExactly("null");
    }

    @Test
    void upload_locationElsewhere_authorizationStaysBehind() throws Exception {
        registry.answer(404, CONTENT, "X-First", "look-up")
                .answer(202, CONTENT, "Location", "http://" + elsewhere.address() + "/u?s=1");
        elsewhere.answer(201, CONTENT);
        open(new Credentials.AccessToken("tok"))
                .upload("app", Digest.of(CONTENT), 2, () -> new java.io.ByteArrayInputStream(CONTENT));
        assertThat(registry.authorizations).containsExactly("Bearer tok", "Bearer tok");
        assertThat(elsewhere.authorizations).containsExactly("null");
    }

    @Test
    void blob_redirectedForEver_stopsAfterFive() {
        registry.answer(307, CONTENT, "Location", "/again");
        assertThatThrownBy(() -> open(USER).blob("app", Digest.of(CONTENT)))
                .isInstanceOf(RegistryException.Inconsistent.class)
                .hasMessageContaining("more than 5 redirects");
        assertThat(registry.authorizations).hasSize(6);
    }

    @Test
    void target_fromHttpsToHttp_refused() {
        var headers = java.net.http.HttpHeaders.of(
                java.util.Map.of("Location", List.of("http://plain.example/x?signature=1")), (_, _) -> true);
        assertThatThrownBy(() -> Transport.target(java.net.URI.create("https://r.example/v2/"), headers, "read x"))
                .isInstanceOf(RegistryException.Refused.class)
                .hasMessageContaining("clear text")
                .hasMessageNotContaining("signature");
    }

    @Test
    void blob_otherBytes_inconsistentAtTheEnd() throws Exception {
        registry.answer(200, "other".getBytes(StandardCharsets.UTF_8));
        try (InputStream blob = open(Credentials.ANONYMOUS).blob("app", Digest.of(CONTENT))) {
            assertThatThrownBy(blob::readAllBytes).isInstanceOf(RegistryException.Inconsistent.class);
        }
    }

    @Test
    void blob_standsStill_unavailableInsteadOfWaitingForEver() throws Exception {
        CountDownLatch asserted = new CountDownLatch(1);
        registry.http.createContext("/v2/stuck/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, 10);
                exchange.getResponseBody().write(CONTENT);
                exchange.getResponseBody().flush();
                asserted.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
        try (Registries impatient = new Registries(retry, clock, Set.of(), Duration.ofMillis(200));
                InputStream blob = impatient.open(registry.address(), USER).blob("stuck", Digest.of(CONTENT))) {
            assertThatThrownBy(blob::readAllBytes)
                    .isInstanceOf(RegistryException.Unavailable.class)
                    .hasMessageContaining("no bytes came");
        } finally {
            asserted.countDown();
        }
    }

    @Test
    void get_otherBytesThanTheDigest_inconsistent() {
        registry.answer(200, CONTENT, "Content-Type", MediaType.OCI_INDEX.value());
        assertThatThrownBy(() -> open(Credentials.ANONYMOUS)
                        .get("app", Digest.of(new byte[1]).value()))
                .isInstanceOf(RegistryException.Inconsistent.class);
    }

    @Test
    void get_largerThanFourMebibytes_inconsistentWithoutRetry() {
        registry.answer(200, new byte[5 * 1024 * 1024], "Content-Type", MediaType.OCI_INDEX.value());
        assertThatThrownBy(() -> open(Credentials.ANONYMOUS).get("app", "1"))
                .isInstanceOf(RegistryException.Inconsistent.class)
                .hasMessageContaining("larger than is allowed");
        assertThat(pauses).isEmpty();
    }

    @Test
    void get_unavailableTwice_retriedAsAskedThenRead() throws Exception {
        registry.answer(503, CONTENT)
                .answer(429, CONTENT, "Retry-After", "7")
                .answer(429, CONTENT, "Retry-After", "Thu, 01 Jan 2026 00:01:00 GMT")
                .answer(200, CONTENT, "Content-Type", MediaType.OCI_INDEX.value());
        assertThat(open(Credentials.ANONYMOUS).get("app", "1").bytes()).isEqualTo(CONTENT);
        assertThat(pauses).containsExactly(Duration.ofMillis(100), Duration.ofSeconds(7), Duration.ofSeconds(60));
    }

    @Test
    void get_unavailableForEver_boundedBackoffThenOneSentence() {
        registry.answer(
                500,
                "{\"errors\":[{\"code\":\"UNKNOWN\",\"message\":\"disk\\nfull\"}]}".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> open(USER).get("team/app", "1"))
                .isInstanceOf(RegistryException.Unavailable.class)
                .hasMessage("cannot read 1 from repository team/app of registry " + registry.address()
                        + ": the registry answered 500: UNKNOWN disk full");
        assertThat(pauses).containsExactly(Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(300));
    }

    @Test
    void get_retryAfterTooLong_cutToTwoMinutes() throws Exception {
        registry.answer(429, CONTENT, "Retry-After", "86400")
                .answer(503, CONTENT, "Retry-After", "Fri, 01 Jan 2027 00:00:00 GMT")
                .answer(200, CONTENT, "Content-Type", MediaType.OCI_INDEX.value());
        assertThat(open(USER).get("app", "1").bytes()).isEqualTo(CONTENT);
        assertThat(pauses).containsExactly(Duration.ofMinutes(2), Duration.ofMinutes(2));
    }

    @Test
    void get_nobodyListens_unavailable() {
        String gone = registry.address();
        registry.http.stop(0);
        assertThatThrownBy(() -> registries.open(gone, USER).get("app", "1"))
                .isInstanceOf(RegistryException.Unavailable.class)
                .hasMessageContaining("no connection to http://" + gone)
                .hasMessageNotContaining("s3cret");
        assertThat(pauses).hasSize(3);
    }

    @Test
    void get_realmInClearTextElsewhere_refusedBeforeCredentialsLeave() {
        registry.answer(401, CONTENT, "WWW-Authenticate", "Bearer realm=\"http://auth.example/token\",service=\"x\"");
        assertThatThrownBy(() -> open(USER).get("app", "1"))
                .isInstanceOf(RegistryException.Refused.class)
                .hasMessageContaining("http://auth.example:80")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void get_credentialsRefused_askedOnceAgainOnly() {
        registry.answer(401, CONTENT, "WWW-Authenticate", "Basic realm=\"x\"");
        assertThatThrownBy(() -> open(USER).get("app", "1"))
                .isInstanceOf(RegistryException.Authentication.class)
                .hasMessageContaining("docker login " + registry.address())
                .hasMessageNotContaining("s3cret");
        assertThat(registry.authorizations).hasSize(2);
    }

    @Test
    void get_repositoryThatIsNone_neverSent() {
        for (String repository : List.of("../x", "App", "a?b", "")) {
            assertThatThrownBy(() -> open(USER).get(repository, "1")).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(registry.authorizations).isEmpty();
    }

    @Test
    void address_plainOnlyOnLoopbackOrWhenNamed() {
        assertThat(RegistryAddress.of("docker.io", Set.of()).base()).hasToString("https://registry-1.docker.io/");
        assertThat(RegistryAddress.of("r.example:5000", Set.of()).base()).hasToString("https://r.example:5000/");
        assertThat(RegistryAddress.of("r.example:5000", Set.of("r.example:5000"))
                        .isPlain())
                .isTrue();
        assertThat(RegistryAddress.of("r.example:5000", Set.of("r.example")).isPlain())
                .isTrue();
        assertThat(RegistryAddress.of("localhost:5000", Set.of()).isPlain()).isTrue();
        assertThat(RegistryAddress.of("[::1]:5000", Set.of()).isPlain()).isTrue();
        assertThat(RegistryAddress.of("127.0.0.1.example", Set.of()).isPlain()).isFalse();
    }
}
