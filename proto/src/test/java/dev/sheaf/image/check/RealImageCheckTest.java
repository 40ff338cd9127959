package dev.sheaf.image.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Platform;
import dev.sheaf.image.arch.Finding;
import dev.sheaf.image.arch.Policy;
import dev.sheaf.image.layer.LayerLimits;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.Registries;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RegistryException;
import dev.sheaf.image.registry.RetryPolicy;
import dev.sheaf.testregistry.ElfBytes;
import dev.sheaf.testregistry.LayerBytes;
import dev.sheaf.testregistry.RegistryProcess;
import dev.sheaf.testregistry.TestImages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A check over the registry program that people run, over HTTP. */
@Tag("lab")
final class RealImageCheckTest {
    private static final Platform ARM64 = Platform.parse("linux/arm64");
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-21T00:00:00Z"));

    private final RetryPolicy retry = new RetryPolicy(2, Duration.ofMillis(1), Duration.ofMillis(1), () -> 0, _ -> {});

    @TempDir
    Path directory;

    @Test
    void check_overHttp_readsAndJudges() throws Exception {
        byte[] base = new LayerBytes().program("bin/sh", ElfBytes.arm64()).gzip();
        byte[] large = new LayerBytes()
                .file("noise", 0644, new byte[3_000_000])
                .program("bin/tool", ElfBytes.amd64())
                .tar();
        try (Registries registries = new Registries(retry, CLOCK, Set.of());
                RegistryProcess process = RegistryProcess.start(directory, "")) {
            Registry registry = registries.open(process.address(), Credentials.ANONYMOUS);
            Descriptor image = new TestImages(registry, "team/app").image(ARM64, "{\"Cmd\":[\"sh\"]}", base, large);
            var subject = new ImageCheck.Subject(
                    registry,
                    "team/app",
                    ImageDocuments.read(
                            registry,
                            "team/app",
                            registry.get("team/app", image.digest().value())),
                    ARM64,
                    Set.of());
            ImageCheck check = new ImageCheck(LayerFactsCache.none(), LayerLimits.DEFAULT, CLOCK);
            CheckReport report = check.check(subject, Policy.STRICT);
            assertThat(report.errors())
                    .extracting(Finding::sentence)
                    .containsExactly("/bin/tool is an x86-64 program, and this image is for linux/arm64 (layer 2):"
                            + " build or fetch it for linux/arm64");
            assertThat(report.bytesRead()).isEqualTo(base.length + large.length);

            damage(large.length);
            assertThatThrownBy(() -> check.check(subject, Policy.STRICT)).isInstanceOf(RegistryException.class);
        }
    }

    /** Another byte in the middle of the blob of this size, behind the registry's back. */
    private void damage(long size) throws Exception {
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> blobs = files.filter(
                            file -> file.toFile().isFile() && file.toFile().length() == size)
                    .toList();
            assertThat(blobs).hasSize(1);
            byte[] content = Files.readAllBytes(blobs.getFirst());
            content[content.length / 2] ^= 1;
            Files.write(blobs.getFirst(), content);
        }
    }
}
