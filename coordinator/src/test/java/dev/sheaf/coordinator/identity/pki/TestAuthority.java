package dev.sheaf.coordinator.identity.pki;

import dev.sheaf.coordinator.identity.AgentIdentity;
import dev.sheaf.endpoint.tls.ClientKey;
import dev.sheaf.endpoint.tls.Pin;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A farm's authority, with certificates that are right and such that are not. */
public final class TestAuthority {
    private final InstantSource clock;
    private final CertificateAuthority.Pair pair;
    private final CertificateAuthority authority;

    public TestAuthority(InstantSource clock) {
        this.clock = clock;
        SecureRandom random = new SecureRandom();
        this.pair = CertificateAuthority.create("test", clock.instant(), random);
        this.authority = new CertificateAuthority(pair.key(), pair.certificate(), random);
    }

    public FarmAuthority farm() {
        return new FarmAuthority(authority, pin(), clock);
    }

    public Pin pin() {
        return Pin.of(pair.certificate().getPublicKey());
    }

    /** A server's identity for these names, which ends so long after now. */
    public ServerIdentity server(List<String> names, Duration end) {
        CertificateAuthority.Pair server = authority.server(
                names,
                clock.instant().minus(Duration.ofDays(1)),
                clock.instant().plus(end));
        return new ServerIdentity(server.key(), List.of(server.certificate(), pair.certificate()), pin(), authority);
    }

    /** A server that shows an agent's certificate. */
    public ServerIdentity agentAsServer() {
        KeyPair key = key();
        return new ServerIdentity(
                key.getPrivate(), List.of(agent("127.0.0.1", key), pair.certificate()), pin(), authority);
    }

    /** A server with a certificate that is its own authority. */
    public ServerIdentity selfSigned() {
        CertificateAuthority.Pair self = CertificateAuthority.create("127.0.0.1", clock.instant(), new SecureRandom());
        return new ServerIdentity(self.key(), List.of(self.certificate()), pin(), authority);
    }

    /** An agent's certificate that nobody keeps. */
    public X509Certificate agent(String name, KeyPair key) {
        return agent(name, key, Duration.ofHours(24));
    }

    private X509Certificate agent(String name, KeyPair key, Duration end) {
        Instant now = clock.instant();
        AgentIdentity.History history = new AgentIdentity.History(now, "", now.plus(end), Optional.empty());
        return authority.agent(
                new AgentIdentity(name, "p", List.of(), Pin.of(key.getPublic()), history), key.getPublic(), now);
    }

    /** What an agent shows; its certificate ends so long after now. */
    public ClientKey client(String name, Duration end) {
        KeyPair key = key();
        return new ClientKey(key.getPrivate(), List.of(agent(name, key, end), pair.certificate()));
    }

    public static KeyPair key() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    public static KeyPair rsa() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** A signing request of a key. */
    public static byte[] request(KeyPair key) {
        return request(key.getPublic(), key.getPrivate());
    }

    public static byte[] request(PublicKey key, PrivateKey signer) {
        try {
            String algorithm = "EC".equals(signer.getAlgorithm()) ? "SHA256withECDSA" : "SHA256withRSA";
            return new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=x"), key)
                    .build(new JcaContentSignerBuilder(algorithm).build(signer))
                    .getEncoded();
        } catch (IOException | OperatorCreationException e) {
            throw new AssertionError(e);
        }
    }
}
