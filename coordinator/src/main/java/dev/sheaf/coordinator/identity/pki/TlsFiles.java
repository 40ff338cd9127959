package dev.sheaf.coordinator.identity.pki;

import dev.sheaf.endpoint.tls.Pem;
import dev.sheaf.endpoint.tls.Pin;
import dev.sheaf.endpoint.tls.PrivateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The farm's authority and the coordinator's certificate, in a directory that only its user can read. Every method throws
 * IllegalArgumentException with one sentence about a file that is not as it should be.
 */
public final class TlsFiles {
    /** How long a server certificate holds. */
    static final Duration SERVER = Duration.ofDays(825);

    private final Path directory;
    private final SecureRandom random;

    /** The files may be there or not. */
    public TlsFiles(Path dataDirectory, SecureRandom random) {
        this.directory = dataDirectory.resolve("tls");
        this.random = random;
    }

    /** Whether the coordinator has a certificate there. */
    public boolean exist() {
        return Files.exists(file("server.pem"));
    }

    /** Makes a certificate for these names; and an authority, if none is there. Returns the names. */
    public List<String> init(List<String> names, Instant now) throws IOException {
        CertificateAuthority authority = authority(now);
        List<String> all = new ArrayList<>(names);
        for (String local : List.of("localhost", "127.0.0.1", "::1")) {
            if (!all.contains(local)) {
                all.add(local);
            }
        }
        write(authority.server(all, now, now.plus(SERVER)), authority.certificate());
        return all;
    }

    /** What is there; a certificate of ours that has used up two thirds of its time is made anew. */
    public ServerIdentity load(Instant now) throws IOException {
        CertificateAuthority authority = authority(now);
        List<X509Certificate> chain = certificates(file("server.pem"));
        X509Certificate server = chain.getFirst();
        Instant begin = server.getNotBefore().toInstant();
        Instant end = server.getNotAfter().toInstant();
        if (now.isAfter(end.minus(Duration.between(begin, end).dividedBy(3)))) {
            write(authority.server(names(server), now, now.plus(SERVER)), authority.certificate());
            chain = certificates(file("server.pem"));
        }
        PrivateKey key = key(file("server.key"), chain.getFirst());
        return new ServerIdentity(key, chain, Pin.of(chain.getLast().getPublicKey()), authority);
    }

    /** The operator's own certificate, of an authority of the operator's; ours makes agents' certificates. */
    public ServerIdentity load(Own own, Instant now) throws IOException {
        List<X509Certificate> chain = new ArrayList<>(certificates(own.certificate()));
        PrivateKey key = key(own.key(), chain.getFirst());
        X509Certificate last = chain.getLast();
        Optional<X509Certificate> issuer = certificates(own.authority()).stream()
                .filter(authority -> isIssuer(authority, last))
                .findFirst();
        if (issuer.isEmpty()) {
            throw new IllegalArgumentException(
                    "--tls-ca " + own.authority() + " holds no authority that signed the last certificate of "
                            + own.certificate() + " (" + last.getSubjectX500Principal() + ")");
        }
        if (!issuer.get().equals(last)) {
            chain.add(issuer.get());
        }
        if (now.isAfter(chain.getFirst().getNotAfter().toInstant())) {
            throw new IllegalArgumentException("the certificate in " + own.certificate() + " expired at "
                    + chain.getFirst().getNotAfter().toInstant());
        }
        return new ServerIdentity(key, chain, Pin.of(issuer.get().getPublicKey()), authority(now));
    }

    /** Files of the operator's. */
    public record Own(Path certificate, Path key, Path authority) {}

    private CertificateAuthority authority(Instant now) throws IOException {
        if (!Files.exists(file("authority.pem"))) {
            CertificateAuthority.Pair made = CertificateAuthority.create("Sheaf farm", now, random);
            PrivateFile.replace(file("authority.key"), Pem.write(made.key()));
            PrivateFile.replace(file("authority.pem"), Pem.write(List.of(made.certificate())));
        }
        X509Certificate certificate = certificates(file("authority.pem")).getFirst();
        return new CertificateAuthority(key(file("authority.key"), certificate), certificate, random);
    }

    private void write(CertificateAuthority.Pair server, X509Certificate authority) throws IOException {
        PrivateFile.replace(file("server.key"), Pem.write(server.key()));
        PrivateFile.replace(file("server.pem"), Pem.write(List.of(server.certificate(), authority)));
    }

    private static List<X509Certificate> certificates(Path file) throws IOException {
        try {
            return Pem.certificates(Files.readString(file));
        } catch (CertificateException e) {
            throw new IllegalArgumentException(file + " holds no certificate in PEM form", e);
        }
    }

    /** Refuses a key that others can read, or that is not the certificate's. */
    private static PrivateKey key(Path file, X509Certificate certificate) throws IOException {
        if (PrivateFile.isOpenToOthers(file)) {
            throw new IllegalArgumentException(
                    "others can read the private key " + file + ": run \"chmod 600 " + file + "\"");
        }
        try {
            PrivateKey key = Pem.privateKey(
                    Files.readString(file), certificate.getPublicKey().getAlgorithm());
            if (!Signing.isPair(key, certificate.getPublicKey())) {
                throw new IllegalArgumentException("the private key " + file + " does not belong to the certificate of "
                        + certificate.getSubjectX500Principal());
            }
            return key;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the private key " + file + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static boolean isIssuer(X509Certificate authority, X509Certificate of) {
        try {
            of.verify(authority.getPublicKey());
            return of.getIssuerX500Principal().equals(authority.getSubjectX500Principal());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static List<String> names(X509Certificate certificate) {
        try {
            return certificate.getSubjectAlternativeNames().stream()
                    .map(name -> String.valueOf(name.get(1)))
                    .toList();
        } catch (CertificateParsingException e) {
            throw new IllegalArgumentException("the names of the server certificate cannot be read", e);
        }
    }

    private Path file(String name) {
        return directory.resolve(name);
    }
}
