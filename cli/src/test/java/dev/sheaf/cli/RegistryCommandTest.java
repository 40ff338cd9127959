package dev.sheaf.cli;

import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Platform;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.Registries;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RetryPolicy;
import dev.sheaf.testregistry.RegistryProcess;
import dev.sheaf.testregistry.TestImages;
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
}
