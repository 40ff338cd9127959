package dev.sheaf.agent.identity;

import com.google.protobuf.ByteString;
import dev.sheaf.endpoint.FarmAddress;
import dev.sheaf.endpoint.tls.ClientKey;
import dev.sheaf.endpoint.tls.Token;
import dev.sheaf.v1.IdentityServiceGrpc;
import dev.sheaf.v1.IdentityServiceGrpc.IdentityServiceBlockingStub;
import dev.sheaf.v1.JoinRequest;
import dev.sheaf.v1.JoinResponse;
import dev.sheaf.v1.RenewRequest;
import io.grpc.Channel;
import java.io.ByteArrayInputStream;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** How a host becomes an agent, and stays one. The channel is TLS, checked against the pin, without a certificate. */
public final class Enrolment {
    private final IdentityServiceBlockingStub farm;
    private final Duration patience;

    /** The farm may take this long to answer. */
    public Enrolment(Channel channel, Duration patience) {
        this.farm = IdentityServiceGrpc.newBlockingStub(channel);
        this.patience = patience;
    }

    /** A new agent, and what it may do. */
    public record Joined(FarmIdentity identity, String pool, List<String> platforms) {
        public Joined {
            platforms = List.copyOf(platforms);
        }
    }

    /** Joins with a new key. Throws StatusRuntimeException. */
    public Joined join(List<FarmAddress> coordinators, Token token, String name, SecureRandom random) {
        KeyPair pair = SigningRequest.newKey(random);
        JoinResponse response = patient()
                .join(JoinRequest.newBuilder()
                        .setToken(token.credential())
                        .setName(name)
                        .setSigningRequest(ByteString.copyFrom(SigningRequest.of(pair.getPublic(), pair.getPrivate())))
                        .build());
        FarmIdentity identity = new FarmIdentity(
                coordinators, token.pin(), response.getName(), key(response, pair.getPublic(), pair.getPrivate()));
        return new Joined(identity, response.getPool(), response.getPlatformsList());
    }

    /** A new certificate for the same key. Throws StatusRuntimeException. */
    public FarmIdentity renew(FarmIdentity identity) {
        PrivateKey key = identity.key().key();
        PublicKey known = identity.key().chain().getFirst().getPublicKey();
        JoinResponse response = patient()
                .renew(RenewRequest.newBuilder()
                        .setSigningRequest(ByteString.copyFrom(SigningRequest.of(known, key)))
                        .build());
        return identity.with(key(response, known, key));
    }

    private IdentityServiceBlockingStub patient() {
        return farm.withDeadlineAfter(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static ClientKey key(JoinResponse response, PublicKey expected, PrivateKey key) {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            List<X509Certificate> chain = new ArrayList<>();
            for (ByteString encoded : response.getChainList()) {
                if (factory.generateCertificate(new ByteArrayInputStream(encoded.toByteArray()))
                        instanceof X509Certificate certificate) {
                    chain.add(certificate);
                }
            }
            if (chain.isEmpty() || !chain.getFirst().getPublicKey().equals(expected)) {
                throw new IllegalStateException("the farm answered with a certificate of another key");
            }
            return new ClientKey(key, chain);
        } catch (CertificateException e) {
            throw new IllegalStateException("the farm answered with what is no certificate", e);
        }
    }
}
