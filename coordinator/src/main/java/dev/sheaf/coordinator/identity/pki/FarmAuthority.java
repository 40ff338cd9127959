package dev.sheaf.coordinator.identity.pki;

import dev.sheaf.coordinator.identity.AgentIdentity;
import dev.sheaf.coordinator.identity.Registrar;
import dev.sheaf.endpoint.tls.Pin;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;

/**
 * The authority that makes agents' certificates.
 *
 * @param pin of the authority that vouches for this coordinator, which may be another
 */
public record FarmAuthority(CertificateAuthority agents, Pin pin, InstantSource clock) implements Registrar.Authority {
    @Override
    public PublicKey requested(byte[] signingRequest) {
        return CertificateAuthority.requested(signingRequest);
    }

    @Override
    public List<X509Certificate> certify(AgentIdentity agent, PublicKey key) {
        return List.of(agents.agent(agent, key, clock.instant()), agents.certificate());
    }
}
