package dev.sheaf.cli.warm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.image.Descriptor;
import dev.sheaf.image.ImageIndex;
import dev.sheaf.image.ImageManifest;
import dev.sheaf.image.Platform;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.Registries;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RegistryException;
import dev.sheaf.image.registry.RetryPolicy;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class WarmRegistryTest {
    @Test
    void image_isThereForBothArchitectures_andEmpty() throws Exception {
        try (WarmRegistry served = WarmRegistry.start();
                Registries registries =
                        new Registries(RetryPolicy.standard(() -> 0, _ -> {}), InstantSource.system(), Set.of())) {
            Registry registry = registries.open(served.address(), Credentials.ANONYMOUS);

            ImageIndex index = ImageIndex.parse(registry.get("warm/base", "1").bytes());

            assertThat(index.runnable())
                    .extracting(Descriptor::platform)
                    .containsExactly(
                            Optional.of(Platform.parse("linux/amd64")), Optional.of(Platform.parse("linux/arm64")));
            for (Descriptor image : index.runnable()) {
                ImageManifest manifest = ImageManifest.parse(
                        registry.get("warm/base", image.digest().value()).bytes());
                assertThat(manifest.layers()).isEmpty();
            }
            assertThatThrownBy(() -> registry.get("warm/base", "2")).isInstanceOf(RegistryException.class);
        }
    }

    @Test
    void tls_isAnsweredInPlainHttp_asEnginesExpect() throws Exception {
        try (WarmRegistry served = WarmRegistry.start();
                Socket client = new Socket(
                        InetAddress.getLoopbackAddress(),
                        Integer.parseInt(served.address().split(":", 2)[1]))) {
            client.getOutputStream().write(new byte[] {22, 3, 1, 0, 4, 1, 0, 0, 0});
            client.shutdownOutput();

            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 400 ");
        }
    }
}
