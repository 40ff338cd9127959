package dev.sheaf.coordinator.identity.pki;

import dev.sheaf.endpoint.tls.Pin;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What the coordinator shows to those who call it.
 *
 * @param chain its certificate first, the authority that vouches for it last
 * @param pin of that authority
 * @param agents the authority that makes agents' certificates
 */
public record ServerIdentity(PrivateKey key, List<X509Certificate> chain, Pin pin, CertificateAuthority agents) {
    public ServerIdentity {
        chain = List.copyOf(chain);
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "key of " + chain.getFirst().getSubjectX500Principal();
    }
}
