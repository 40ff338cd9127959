package dev.sheaf.endpoint.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;

/** Which authority vouches for the farm. There is no way to trust whoever answers. */
public sealed interface FarmTrust {
    /** The one with this key, which the farm sends along. */
    record Pinned(Pin pin) implements FarmTrust {}

    /** One of these. */
    record Authorities(List<X509Certificate> certificates) implements FarmTrust {
        public Authorities {
            certificates = List.copyOf(certificates);
            if (certificates.isEmpty()) {
                throw new IllegalArgumentException("no certificate of an authority is given");
            }
        }
    }

    /** The authorities in a PEM file; throws IllegalArgumentException with one sentence. */
    static FarmTrust read(Path file) {
        try {
            return new Authorities(Pem.certificates(Files.readString(file)));
        } catch (IOException e) {
            throw new IllegalArgumentException("the file of authorities " + file + " cannot be read", e);
        } catch (CertificateException e) {
            throw new IllegalArgumentException(file + " holds no certificates in PEM form", e);
        }
    }
}
