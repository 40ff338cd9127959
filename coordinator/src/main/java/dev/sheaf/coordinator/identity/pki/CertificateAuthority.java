package dev.sheaf.coordinator.identity.pki;

import dev.sheaf.coordinator.identity.AgentIdentity;
import java.io.IOException;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/** Signs certificates with EC P-256 keys. */
public final class CertificateAuthority {
    /** How long the authority itself holds. */
    static final Duration LIFETIME = Duration.ofDays(3653);

    /** Clocks of hosts may be so far behind. */
    private static final Duration CLOCK_SKEW = Duration.ofHours(1);

    private static final String CURVE = "secp256r1";
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final int SERIAL_BITS = 127;
    private static final int MAX_REQUEST = 4096; // bytes

    private final PrivateKey key;
    private final X509Certificate certificate;
    private final SecureRandom random;

    CertificateAuthority(PrivateKey key, X509Certificate certificate, SecureRandom random) {
        this.key = key;
        this.certificate = certificate;
        this.random = random;
    }

    /** A key and its certificate. */
    public record Pair(PrivateKey key, X509Certificate certificate) {
        /** Without the key. */
        @Override
        public String toString() {
            return "key of " + certificate.getSubjectX500Principal();
        }
    }

    /** A new authority. */
    static Pair create(String name, Instant now, SecureRandom random) {
        try {
            KeyPair pair = keyPair(random);
            X500NameBuilder subject = new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, name);
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    subject.build(),
                    new BigInteger(SERIAL_BITS, random),
                    Date.from(now.minus(CLOCK_SKEW)),
                    Date.from(now.plus(LIFETIME)),
                    subject.build(),
                    pair.getPublic());
            JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(pair.getPublic()));
            return new Pair(pair.getPrivate(), sign(builder, pair.getPrivate()));
        } catch (GeneralSecurityException | CertIOException e) {
            throw new IllegalStateException("an authority cannot be made: " + e.getMessage(), e);
        }
    }

    /** Of the authority. */
    public X509Certificate certificate() {
        return certificate;
    }

    /** A key and a certificate for the coordinator, for these host names and addresses. */
    Pair server(List<String> names, Instant now, Instant end) {
        try {
            KeyPair pair = keyPair(random);
            GeneralName[] all = names.stream()
                    .map(name -> new GeneralName(isAddress(name) ? GeneralName.iPAddress : GeneralName.dNSName, name))
                    .toArray(GeneralName[]::new);
            X500NameBuilder subject = new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, "Sheaf coordinator");
            JcaX509v3CertificateBuilder builder = leaf(subject, pair.getPublic(), now, end);
            builder.addExtension(Extension.extendedKeyUsage, true, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(all));
            return new Pair(pair.getPrivate(), sign(builder, key));
        } catch (GeneralSecurityException | CertIOException e) {
            throw new IllegalStateException("a server certificate cannot be made: " + e.getMessage(), e);
        }
    }

    private static boolean isAddress(String name) {
        return name.indexOf(':') >= 0 || name.matches("[0-9.]+");
    }

    /** A certificate that makes this key the agent's, and is good for nothing else. */
    X509Certificate agent(AgentIdentity agent, PublicKey agentKey, Instant now) {
        try {
            X500NameBuilder subject = new X500NameBuilder(BCStyle.INSTANCE)
                    .addRDN(BCStyle.OU, agent.pool())
                    .addRDN(BCStyle.CN, agent.name());
            JcaX509v3CertificateBuilder builder =
                    leaf(subject, agentKey, now, agent.history().expires());
            builder.addExtension(Extension.extendedKeyUsage, true, new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
            return sign(builder, key);
        } catch (GeneralSecurityException | CertIOException e) {
            throw new IllegalStateException("an agent's certificate cannot be made: " + e.getMessage(), e);
        }
    }

    private JcaX509v3CertificateBuilder leaf(X500NameBuilder subject, PublicKey subjectKey, Instant now, Instant end)
            throws GeneralSecurityException, CertIOException {
        Instant authorityEnd = certificate.getNotAfter().toInstant();
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                certificate,
                new BigInteger(SERIAL_BITS, random),
                Date.from(now.minus(CLOCK_SKEW)),
                Date.from(end.isBefore(authorityEnd) ? end : authorityEnd),
                subject.build(),
                subjectKey);
        JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(
                Extension.authorityKeyIdentifier, false, ids.createAuthorityKeyIdentifier(certificate.getPublicKey()));
        return builder;
    }

    private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey by)
            throws GeneralSecurityException {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(by)));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException("the authority's key cannot sign", e);
        }
    }

    private static KeyPair keyPair(SecureRandom random) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(CURVE), random);
        return generator.generateKeyPair();
    }

    /** The key of a PKCS #10 request; throws IllegalArgumentException if it is not P-256, or not signed with itself. */
    static PublicKey requested(byte[] request) {
        if (request.length > MAX_REQUEST) {
            throw new IllegalArgumentException(
                    "a signing request has at most " + MAX_REQUEST + " bytes, found " + request.length);
        }
        try {
            JcaPKCS10CertificationRequest parsed = new JcaPKCS10CertificationRequest(request);
            PublicKey asked = parsed.getPublicKey();
            if (!isP256(asked)) {
                throw new IllegalArgumentException(
                        "an agent's key is of the kind EC P-256, found " + asked.getAlgorithm());
            }
            if (!parsed.isSignatureValid(new JcaContentVerifierProviderBuilder().build(asked))) {
                throw new IllegalArgumentException("the signing request is not signed with its own key");
            }
            return asked;
        } catch (IOException | GeneralSecurityException | OperatorCreationException | PKCSException e) {
            throw new IllegalArgumentException("the signing request cannot be read", e);
        }
    }

    private static boolean isP256(PublicKey key) throws GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(CURVE));
        ECParameterSpec wanted = parameters.getParameterSpec(ECParameterSpec.class);
        return key instanceof ECPublicKey curve
                && curve.getParams().getCurve().equals(wanted.getCurve())
                && curve.getParams().getOrder().equals(wanted.getOrder());
    }
}
