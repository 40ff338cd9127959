package dev.sheaf.agent.engine.classic;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.MediaType;
import dev.sheaf.v1.RegistryCredential;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Registries that keep tags, that take them away, and that forget the image with them. */
final class RegistryTagsTest {
    private static final byte[] MANIFEST =
            ("{\"mediaType\":\"" + MediaType.DOCKER_MANIFEST.value() + "\"}").getBytes(StandardCharsets.UTF_8);
    private static final Digest DIGEST = Digest.of(MANIFEST);
    private static final String TAG = "sheaf-b1-amd64-1";

    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final RegistryTags tags = new RegistryTags(InstantSource.system(), Set.of());
    private HttpServer registry;
    private int answerToDelete = 202;
    private boolean forgets;
    private volatile boolean there = true;

    @BeforeEach
    void start() throws IOException {
        registry = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        registry.createContext("/", this::answer);
        registry.start();
    }

    @AfterEach
    void stop() {
        registry.stop(0);
    }

    @Test
    void remove_registryTakesTagsAway_onlyTheTagIsNamed() throws Exception {
        assertThat(remove()).isTrue();

        assertThat(calls).contains("DELETE /v2/app/manifests/" + TAG);
        assertThat(calls).noneMatch(call -> call.startsWith("DELETE") && call.contains("sha256:"));
        assertThat(calls).noneMatch(call -> call.startsWith("PUT"));
    }

    @Test
    void remove_registryForgetsTheImageWithItsTag_putsItBackByDigest() throws Exception {
        forgets = true;

        assertThat(remove()).isTrue();

        assertThat(calls).last().isEqualTo("PUT /v2/app/manifests/" + DIGEST);
        assertThat(there).isTrue();
    }

    @Test
    void remove_registryKeepsTags_isNoFailure() throws Exception {
        for (int answer : new int[] {400, 401, 403, 405, 500}) {
            answerToDelete = answer;
            assertThat(remove()).as("%d", answer).isFalse();
        }
        assertThat(there).isTrue();
    }

    private boolean remove() throws InterruptedException {
        ImageReference tagged =
                ImageReference.parse("127.0.0.1:" + registry.getAddress().getPort() + "/app:" + TAG);
        return tags.remove(tagged, DIGEST, Optional.<RegistryCredential>empty());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            calls.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            exchange.getResponseHeaders().add("Content-Type", MediaType.DOCKER_MANIFEST.value());
            switch (exchange.getRequestMethod()) {
                case "DELETE" -> {
                    there = !forgets;
                    exchange.sendResponseHeaders(answerToDelete, -1);
                }
                case "PUT" -> {
                    there = true;
                    exchange.sendResponseHeaders(201, -1);
                }
                case "HEAD" -> exchange.sendResponseHeaders(there ? 200 : 404, -1);
                default -> {
                    exchange.sendResponseHeaders(200, MANIFEST.length);
                    exchange.getResponseBody().write(MANIFEST);
                }
            }
        }
    }
}
