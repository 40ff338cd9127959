package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.architecture.Lab;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.Platform;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.Registries;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RetryPolicy;
import dev.sheaf.testregistry.RegistryProxy;
import dev.sheaf.testregistry.TestImages;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The real coordinator, command line and registry; agents that lie about what they pushed, and a registry that makes
 * trouble once everything is built.
 */
@Tag("lab")
final class VerificationIT {
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final Platform I386 = Platform.parse("linux/386");
    private static final Duration OUTAGE = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private final String repository = "it/verified" + ProcessHandle.current().pid();
    private final Registries registries =
            new Registries(RetryPolicy.standard(() -> 0, Thread::sleep), InstantSource.system(), Set.of());
    private Registry registry;
    private TestImages images;
    private RegistryProxy proxy;
    private Farm farm;
    private FakeAgent honest;

    @BeforeEach
    void startFarm() throws Exception {
        registry = registries.open(Lab.registry(), Credentials.ANONYMOUS);
        images = new TestImages(registry, repository);
        proxy = RegistryProxy.before(Lab.registry());
        farm = Farm.start(directory);
        honest = agent("honest-amd64", AMD64, () -> images.image(AMD64, "1").digest());
        Descriptor older = images.image(AMD64, "older");
        registry.put(
                repository,
                "1",
                older.mediaType(),
                registry.get(repository, older.digest().value()).bytes());
    }

    @AfterEach
    void stopFarm() throws Exception {
        honest.close();
        farm.close();
        registries.close();
        proxy.close();
    }

    /** What an agent for linux/386 may push and say instead of the truth. */
    enum Lie {
        OTHER_ARCHITECTURE("linux/386 was asked for", "linux/amd64") {
            @Override
            Digest push(TestImages images) throws Exception {
                return images.image(AMD64, "lie").digest();
            }
        },
        INDEX_THAT_STATES_THE_WRONG_PLATFORM("linux/386 was asked for", "linux/amd64") {
            @Override
            Digest push(TestImages images) throws Exception {
                return images.index(images.image(AMD64, "lie").withPlatform(I386))
                        .digest();
            }
        },
        WRONG_SIZE("its index says", "bytes") {
            @Override
            Digest push(TestImages images) throws Exception {
                Descriptor image = images.image(I386, "1");
                Descriptor lie = Descriptor.of(image.mediaType(), image.digest(), image.size() - 1);
                return images.index(lie.withPlatform(I386)).digest();
            }
        },
        NEVER_PUSHED("is not there", "sha256:") {
            @Override
            Digest push(TestImages images) {
                return Digest.of(new byte[] {42});
            }
        };

        private final String asked;
        private final String found;

        Lie(String asked, String found) {
            this.asked = asked;
            this.found = found;
        }

        abstract Digest push(TestImages images) throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void agentThatLies_isNamedAndTheTagKeepsItsBytes(Lie lie) throws Exception {
        byte[] before = registry.get(repository, "1").bytes();
        Farm.Result result;
        try (FakeAgent _ = agent("liar-386", I386, () -> lie.push(images))) {
            result = build(Lab.registry());
        }
        assertThat(result.exitCode()).as(result.all()).isEqualTo(65);
        assertThat(errors(result))
                .singleElement()
                .asString()
                .startsWith("ERROR: linux/386: agent liar-386: ")
                .contains(lie.asked, lie.found)
                .endsWith("; no tag was moved");
        assertThat(result.err()).doesNotContain("\tat ", "Exception");
        assertThat(registry.get(repository, "1").bytes()).isEqualTo(before);
    }

    @Test
    void agentThatSpeaksTheTruth_movesTheTag() throws Exception {
        byte[] before = registry.get(repository, "1").bytes();
        try (FakeAgent _ =
                agent("honest-386", I386, () -> images.image(I386, "1").digest())) {
            Farm.Result result = build(Lab.registry());
            assertThat(result.exitCode()).as(result.all()).isZero();
        }
        assertThat(registry.get(repository, "1").bytes()).isNotEqualTo(before);
    }

    @Test
    void registryAwayWhilePublishing_isWaitedFor() throws Exception {
        proxy.on("PUT .*/manifests/sha256:.*").does(_ -> {
            RegistryProxy.Rule outage = proxy.on(".*").always().dropsRequest();
            Thread.ofVirtual().start(() -> {
                try {
                    Thread.sleep(OUTAGE);
                    outage.end();
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                }
            });
        });
        try (FakeAgent _ =
                agent("honest-386", I386, () -> images.image(I386, "1").digest())) {
            Farm.Result result = build(proxy.address());
            assertThat(result.exitCode()).as(result.all()).isZero();
            assertThat(result.err()).contains("publishing is tried again: the registry does not answer");
        }
    }

    @Test
    void immutableTag_oneLineAtOnce() throws Exception {
        byte[] before = registry.get(repository, "1").bytes();
        proxy.on("PUT .*/manifests/1").answers(409, "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"immutable\"}]}");
        try (FakeAgent _ =
                agent("honest-386", I386, () -> images.image(I386, "1").digest())) {
            Farm.Result result = build(proxy.address());
            assertThat(result.exitCode()).as(result.all()).isEqualTo(76);
            assertThat(errors(result))
                    .singleElement()
                    .asString()
                    .contains("refuses to move the tag " + proxy.address() + "/" + repository + ":1", "immutable");
        }
        assertThat(registry.get(repository, "1").bytes()).isEqualTo(before);
    }

    /** Pushes an image and names its digest, or says so. */
    @FunctionalInterface
    private interface Push {
        Digest run() throws Exception;
    }

    private FakeAgent agent(String name, Platform platform, Push push) throws Exception {
        return FakeAgent.start(
                farm.address(),
                name,
                dev.sheaf.v1.Platform.newBuilder()
                        .setOs(platform.os())
                        .setArchitecture(platform.architecture())
                        .build(),
                _ -> push.run());
    }

    private Farm.Result build(String at) throws Exception {
        Path context = farm.context("Dockerfile", "FROM scratch\n");
        return farm.run(
                "build",
                "--progress",
                "plain",
                "--platform",
                "linux/amd64,linux/386",
                "-t",
                at + "/" + repository + ":1",
                "--push",
                context.toString());
    }

    private static List<String> errors(Farm.Result result) {
        return result.err().lines().filter(line -> line.contains("ERROR")).toList();
    }
}
