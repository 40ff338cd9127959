package dev.sheaf.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageIndex;
import dev.sheaf.image.MediaType;
import dev.sheaf.testregistry.RegistryProcess;
import dev.sheaf.testregistry.TokenServer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client against the registry program that people run: open, with passwords, and with tokens. */
@Tag("lab")
final class RealRegistryTest {
    private static final byte[] CONFIG =
            "{\"architecture\":\"amd64\",\"os\":\"linux\"}".getBytes(StandardCharsets.UTF_8);

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-21T00:00:00Z"));
    private final InstantSource clock = now::get;
    private final RetryPolicy retry = new RetryPolicy(2, Duration.ofMillis(1), Duration.ofMillis(1), () -> 0, _ -> {});
    private final Registries registries = new Registries(retry, clock, Set.of());

    @TempDir
    Path directory;

    @AfterEach
    void close() {
        registries.close();
    }

    private static void roundTrip(Registry registry) throws Exception {
        assertThat(registry.blobExists("team/app", Digest.of(CONFIG))).isFalse();
        registry.upload("team/app", Digest.of(CONFIG), CONFIG.length, () -> new ByteArrayInputStream(CONFIG));
        registry.upload("team/app", Digest.of(CONFIG), CONFIG.length, () -> new ByteArrayInputStream(CONFIG));
        registry.upload("team/app", Digest.of(new byte[0]), 0, InputStream::nullInputStream);
        assertThat(registry.blobExists("team/app", Digest.of(CONFIG))).isTrue();
        try (InputStream blob = registry.blob("team/app", Digest.of(CONFIG))) {
            assertThat(blob.readAllBytes()).isEqualTo(CONFIG);
        }
        assertThat(registry.mount("team/other", Digest.of(CONFIG), "team/app")).isTrue();
        assertThat(registry.blobExists("team/other", Digest.of(CONFIG))).isTrue();

        // Odd spacing shows that nobody writes the bytes anew.
        byte[] manifest = ("{ \"schemaVersion\": 2,\n \"mediaType\": \"" + MediaType.OCI_MANIFEST
                        + "\", \"config\": {\"mediaType\":\"" + MediaType.OCI_CONFIG + "\",\"digest\":\""
                        + Digest.of(CONFIG) + "\",\"size\":" + CONFIG.length + "},\"layers\":[]}")
                .getBytes(StandardCharsets.UTF_8);
        assertThat(registry.head("team/app", "1")).isEmpty();
        var put = registry.put("team/app", Digest.of(manifest).value(), MediaType.OCI_MANIFEST, manifest);
        assertThat(registry.put("team/app", "1", MediaType.OCI_MANIFEST, manifest))
                .isEqualTo(put);
        assertThat(registry.head("team/app", "1")).contains(put);
        assertThat(registry.get("team/app", "1").bytes()).isEqualTo(manifest);
        assertThat(registry.get("team/app", put.digest().value()).descriptor()).isEqualTo(put);
        assertThatThrownBy(() -> registry.get("team/app", "2"))
                .isInstanceOf(RegistryException.NotFound.class)
                .hasMessageContaining("cannot read 2 from repository team/app of registry " + registry.host());
        assertThatThrownBy(() -> registry.blob("team/app", Digest.of(new byte[9])))
                .isInstanceOf(RegistryException.NotFound.class);
        byte[] dangling = ImageIndex.assemble(java.util.Map.of(
                        dev.sheaf.image.Platform.parse("linux/amd64"),
                        new dev.sheaf.image.SlicePush.Manifest(
                                dev.sheaf.image.Descriptor.of(MediaType.OCI_MANIFEST, new byte[3]))))
                .bytes();
        assertThatThrownBy(() -> registry.put("team/app", "3", MediaType.OCI_INDEX, dangling))
                .isInstanceOf(RegistryException.Refused.class)
                .hasMessageContaining("answered 400");
    }

    @Test
    void openRegistry_everything_works() throws Exception {
        try (RegistryProcess process = RegistryProcess.start(directory, "")) {
            roundTrip(registries.open(process.address(), Credentials.ANONYMOUS));
        }
    }

    @Test
    void passwordRegistry_rightCredentials_worksAndOthersRefused() throws Exception {
        try (RegistryProcess process = RegistryProcess.withPasswords(directory, "ann", "s3cret-pw")) {
            roundTrip(registries.open(process.address(), new Credentials.Basic("ann", "s3cret-pw")));
            refuses(process, new Credentials.Basic("ann", "wrong-pw"));
            refuses(process, Credentials.ANONYMOUS);
        }
    }

    @Test
    void tokenRegistry_passwordOrIdentityToken_worksAndOthersRefused() throws Exception {
        try (TokenServer tokens = TokenServer.start(directory);
                RegistryProcess process = RegistryProcess.start(directory, tokens.configuration())) {
            Registry registry = registries.open(process.address(), new Credentials.Basic("ann", "s3cret-pw"));
            roundTrip(registry);
            int before = tokens.issued();
            assertThat(registry.head("team/app", "1")).isPresent();
            assertThat(tokens.issued()).as("a token that lasts is used again").isEqualTo(before);
            now.updateAndGet(instant -> instant.plusSeconds(271));
            assertThat(registry.head("team/app", "1")).isPresent();
            assertThat(tokens.issued()).as("an expired one is not").isEqualTo(before + 1);

            Registry byIdentity = registries.open(process.address(), new Credentials.IdentityToken("identity-1"));
            assertThat(byIdentity.head("team/app", "1")).isPresent();
            refuses(process, new Credentials.Basic("ann", "wrong-pw"));
            refuses(process, new Credentials.IdentityToken("wrong-pw"));
            refuses(process, new Credentials.AccessToken("wrong-pw"));
            refuses(process, Credentials.ANONYMOUS);
        }
    }

    private void refuses(RegistryProcess process, Credentials credentials) {
        assertThatThrownBy(() -> registries.open(process.address(), credentials).get("team/app", "1"))
                .isInstanceOf(RegistryException.Authentication.class)
                .hasMessageContaining("docker login " + process.address())
                .hasMessageNotContaining("-pw");
    }
}
