package dev.sheaf.endpoint.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Who we are to the farm.
 *
 * @param chain the certificate of the key first
 */
public record ClientKey(PrivateKey key, List<X509Certificate> chain) {
    public ClientKey {
        chain = List.copyOf(chain);
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "key of " + chain.getFirst().getSubjectX500Principal();
    }
}
