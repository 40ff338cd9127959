package dev.sheaf.coordinator;

import dev.sheaf.coordinator.identity.pki.ServerIdentity;
import dev.sheaf.coordinator.identity.pki.TlsFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The coordinator's certificate. */
final class TlsFlags {
    @Option(
            names = "--tls-certificate",
            paramLabel = "FILE",
            description =
                    "A server certificate of your own, with its chain, PEM. Default: what \"init\" made in --data")
    private @Nullable Path certificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "Its private key, PKCS #8 PEM, readable by nobody else.")
    private @Nullable Path key;

    @Option(names = "--tls-ca", paramLabel = "FILE", description = "The authority that signed it, PEM.")
    private @Nullable Path authority;

    /** Empty: there is none. Read anew, and made anew in time, at each call. Throws IllegalArgumentException with one sentence about files that do not fit. */
    Optional<ServerIdentity> open(Path data, Instant now, SecureRandom random) throws IOException {
        TlsFiles files = new TlsFiles(data, random);
        if (certificate != null && key != null && authority != null) {
            return Optional.of(files.load(new TlsFiles.Own(certificate, key, authority), now));
        }
        if (certificate != null || key != null || authority != null) {
            throw new IllegalArgumentException("--tls-certificate, --tls-key and --tls-ca go together: give all three");
        }
        return files.exist() ? Optional.of(files.load(now)) : Optional.empty();
    }
}
