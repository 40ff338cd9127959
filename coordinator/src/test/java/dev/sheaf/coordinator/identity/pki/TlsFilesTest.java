package dev.sheaf.coordinator.identity.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.endpoint.tls.Pem;
import dev.sheaf.endpoint.tls.Pin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TlsFilesTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    @TempDir
    Path directory;

    private TlsFiles files() {
        return new TlsFiles(directory, new SecureRandom());
    }

    @Test
    void init_makesWhatLoadFinds_forTheUserAlone() throws Exception {
        assertThat(files().exist()).isFalse();
        files().init(List.of("farm.example", "192.0.2.1"), NOW);
        assertThat(files().exist()).isTrue();

        ServerIdentity identity = files().load(NOW);

        assertThat(identity.chain()).hasSize(2);
        X509Certificate server = identity.chain().getFirst();
        server.verify(identity.chain().getLast().getPublicKey());
        assertThat(server.getSubjectAlternativeNames())
                .extracting(name -> String.valueOf(name.get(1)))
                .contains("farm.example", "192.0.2.1", "localhost", "127.0.0.1");
        assertThat(identity.pin()).isEqualTo(Pin.of(identity.chain().getLast().getPublicKey()));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("tls"))))
                .isEqualTo("rwx------");
        try (var made = Files.list(directory.resolve("tls"))) {
            assertThat(made.map(TlsFilesTest::permissions).distinct()).containsExactly("rw-------");
        }
    }

    private static String permissions(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void init_again_keepsTheAuthority_soThatTokensHold() throws Exception {
        files().init(List.of("a.example"), NOW);
        Pin before = files().load(NOW).pin();
        files().init(List.of("b.example"), NOW);
        assertThat(files().load(NOW).pin()).isEqualTo(before);
        assertThat(files().load(NOW).chain().getFirst().getSubjectAlternativeNames())
                .extracting(name -> String.valueOf(name.get(1)))
                .contains("b.example")
                .doesNotContain("a.example");
    }

    @Test
    void load_inTheLastThird_makesANewCertificateForTheSameNames() throws Exception {
        files().init(List.of("a.example"), NOW);
        X509Certificate first = files().load(NOW).chain().getFirst();
        Instant before = NOW.plus(TlsFiles.SERVER.multipliedBy(2).dividedBy(3)).minus(Duration.ofDays(1));
        assertThat(files().load(before).chain().getFirst()).isEqualTo(first);

        X509Certificate renewed =
                files().load(before.plus(Duration.ofDays(2))).chain().getFirst();

        assertThat(renewed).isNotEqualTo(first);
        assertThat(List.copyOf(renewed.getSubjectAlternativeNames()))
                .isEqualTo(List.copyOf(first.getSubjectAlternativeNames()));
    }

    @Test
    void keyThatOthersCanRead_isRefused() throws Exception {
        files().init(List.of("a.example"), NOW);
        Path key = directory.resolve("tls/server.key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> files().load(NOW)).hasMessageContaining("chmod 600 " + key);
    }

    @Test
    void ownCertificate_isCheckedAgainstKeyAndAuthority() throws Exception {
        TestAuthority mine = new TestAuthority(() -> NOW);
        ServerIdentity server = mine.server(List.of("a.example"), Duration.ofDays(1));
        Path certificate = write("c.pem", Pem.write(server.chain().subList(0, 1)));
        Path authority = write("ca.pem", Pem.write(server.chain().subList(1, 2)));
        Path key = write("key.pem", Pem.write(server.key()));
        Path otherKey = write("other.pem", Pem.write(TestAuthority.key().getPrivate()));
        Path otherAuthority = write(
                "otherca.pem",
                Pem.write(new TestAuthority(() -> NOW).selfSigned().chain()));

        ServerIdentity loaded = files().load(new TlsFiles.Own(certificate, key, authority), NOW);

        assertThat(loaded.chain()).isEqualTo(server.chain());
        assertThat(loaded.pin()).isEqualTo(mine.pin());
        assertThat(Pin.of(loaded.agents().certificate().getPublicKey())).isNotEqualTo(mine.pin());
        assertThatThrownBy(() -> files().load(new TlsFiles.Own(certificate, otherKey, authority), NOW))
                .hasMessageContaining("does not belong");
        assertThatThrownBy(() -> files().load(new TlsFiles.Own(certificate, key, otherAuthority), NOW))
                .hasMessageContaining("--tls-ca");
        assertThatThrownBy(() -> files().load(new TlsFiles.Own(key, key, authority), NOW))
                .hasMessageContaining("no certificate");
        assertThatThrownBy(
                        () -> files().load(new TlsFiles.Own(certificate, key, authority), NOW.plus(Duration.ofDays(2))))
                .hasMessageContaining("expired");
    }

    private Path write(String name, String content) throws java.io.IOException {
        Path file = directory.resolve(name);
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }
}
