package dev.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Platform;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.Registries;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RetryPolicy;
import dev.sheaf.testregistry.RegistryProcess;
import dev.sheaf.testregistry.TestImages;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What tests of commands have that look at images: a real registry with the repository {@code team/app}, and a terminal. */
@Tag("lab")
@Timeout(60)
abstract class RegistryCommandTest {
    static final Platform AMD64 = Platform.parse("linux/amd64");
    static final Platform ARM64 = Platform.parse("linux/arm64");

    @TempDir
    Path directory = Path.of("");

    final Registries registries =
            new Registries(RetryPolicy.standard(() -> 0, _ -> {}), InstantSource.system(), Set.of());
    Terminal terminal = new Terminal(directory);
    RegistryProcess process;
    Registry registry;
    TestImages images;
    /** Of the repository, with its registry. */
    String name = "";

    @BeforeEach
    final void startRegistry() throws Exception {
        terminal = new Terminal(directory);
        process = RegistryProcess.start(Files.createDirectory(directory.resolve("registry")), "");
        registry = registries.open(process.address(), Credentials.ANONYMOUS);
        images = new TestImages(registry, "team/app");
        name = process.address() + "/team/app";
    }

    @AfterEach
    final void stopRegistry() {
        registries.close();
        process.close();
    }

    /** Makes the tag point at what is there already. */
    final Descriptor tag(String tag, Descriptor content) throws Exception {
        byte[] bytes = registry.get("team/app", content.digest().value()).bytes();
        return registry.put("team/app", tag, content.mediaType(), bytes);
    }

    /** Makes the tag point at an index of these. */
    final Descriptor tagIndex(String tag, Descriptor... entries) throws Exception {
        return tag(tag, images.index(entries));
    }

    /** Takes a manifest away that indexes still name. */
    final void delete(Descriptor manifest) throws Exception {
        URI uri = URI.create("http://" + process.address() + "/v2/team/app/manifests/" + manifest.digest());
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<Void> response =
                    http.send(HttpRequest.newBuilder(uri).DELETE().build(), HttpResponse.BodyHandlers.discarding());
            assertThat(response.statusCode()).isEqualTo(202);
        }
    }
}
