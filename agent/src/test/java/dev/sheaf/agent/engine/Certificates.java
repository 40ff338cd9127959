package dev.sheaf.agent.engine;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority of a test's own, and what it signs. */
final class Certificates {
    private static final char[] NO_PASSWORD = new char[0];

    /** A certificate with its key. */
    record Signed(X509Certificate certificate, KeyPair keys) {}

    private final String name;
    private final Signed authority;

    Certificates(String name) throws Exception {
        this.name = name;
        KeyPair keys = keys();
        authority = new Signed(issue(name, keys, keys, Duration.ofDays(1), true), keys);
    }

    /** Signs a certificate for 127.0.0.1 and engine.test. */
    Signed sign(String subject, Duration validFor) throws Exception {
        KeyPair keys = keys();
        return new Signed(issue(subject, keys, authority.keys(), validFor, false), keys);
    }

    /** The authority's own certificate as a file in PEM. */
    Path file(Path directory) throws Exception {
        return pem(
                directory.resolve(name + ".pem"),
                "CERTIFICATE",
                authority.certificate().getEncoded());
    }

    static Path certificate(Path directory, String name, Signed signed) throws Exception {
        return pem(
                directory.resolve(name + ".pem"),
                "CERTIFICATE",
                signed.certificate().getEncoded());
    }

    static Path key(Path directory, String name, Signed signed) throws Exception {
        return pem(
                directory.resolve(name + ".key"),
                "PRIVATE KEY",
                signed.keys().getPrivate().getEncoded());
    }

    /** A server that shows this certificate and lets in only those whose certificate this authority signed. */
    SSLContext server(Signed shown) throws GeneralSecurityException, IOException {
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, NO_PASSWORD);
        own.setKeyEntry("server", shown.keys().getPrivate(), NO_PASSWORD, new X509Certificate[] {shown.certificate()});
        KeyManagerFactory shows = KeyManagerFactory.getInstance("PKIX");
        shows.init(own, NO_PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, NO_PASSWORD);
        trusted.setCertificateEntry("authority", authority.certificate());
        TrustManagerFactory trusts = TrustManagerFactory.getInstance("PKIX");
        trusts.init(trusted);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(shows.getKeyManagers(), trusts.getTrustManagers(), null);
        return context;
    }

    private X509Certificate issue(String subject, KeyPair keys, KeyPair signer, Duration validFor, boolean authority)
            throws Exception {
        Instant now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(
                new X500Name("CN=" + name),
                BigInteger.valueOf(now.toEpochMilli()),
                Date.from(now.minus(Duration.ofDays(2))),
                Date.from(now.plus(validFor)),
                new X500Name("CN=" + subject),
                keys.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
        if (!authority) {
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                new GeneralName(GeneralName.iPAddress, "127.0.0.1"), new GeneralName(GeneralName.dNSName, "engine.test")
            }));
        }
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate())));
    }

    private static KeyPair keys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static Path pem(Path file, String type, byte[] content) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return Files.writeString(file, "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
    }
}
