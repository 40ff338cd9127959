package dev.sheaf.coordinator.publish;

import static dev.sheaf.coordinator.publish.PublishBench.AMD64;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.testregistry.RegistryProcess;
import dev.sheaf.testregistry.RegistryProxy;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("lab")
final class ReadImagesTest {
    @TempDir
    Path directory;

    private RegistryProcess registry;
    private RegistryProxy proxy;
    private PublishBench bench;
    private Targets.Target target;
    private Descriptor image;

    @BeforeEach
    void start() throws Exception {
        registry = RegistryProcess.start(directory, "");
        proxy = RegistryProxy.before(registry.address());
        bench = new PublishBench(proxy.address());
        image = bench.images("app").image(AMD64, "1");
        target = new Targets.Target(
                bench.open(), bench.request(List.of(AMD64), "app:1").tags().getFirst());
    }

    @AfterEach
    void stop() {
        bench.close();
        proxy.close();
        registry.close();
    }

    private int asked() {
        return proxy.passed("GET .*").size();
    }

    @Test
    void get_asksOnce_andWhatIsReadOnPurposeIsAskedForEachTime() throws Exception {
        ReadImages images = new ReadImages();
        Digest digest = images.get(target, image.digest()).digest();
        assertThat(digest).isEqualTo(image.digest());
        assertThat(asked()).as("manifest and config").isEqualTo(2);
        assertThat(images.get(target, image.digest()).config().platform()).contains(AMD64);
        assertThat(asked()).isEqualTo(2);

        images.read(target, target.get(image.digest()));
        assertThat(asked()).isEqualTo(4);
    }

    @Test
    void get_ofMoreThanMayBeRemembered_asksAgain() throws Exception {
        ReadImages none = new ReadImages(image.size());
        none.get(target, image.digest());
        none.get(target, image.digest());
        assertThat(asked()).isEqualTo(4);
    }
}
