package dev.sheaf.agent.engine.channel;

import dev.sheaf.endpoint.tls.Pem;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Mutual TLS with an engine. The files are read whenever a connection is opened, so that renewed ones are taken without
 * a restart; what they hold stays in memory.
 *
 * @param authorities PEM: whom the engine's certificate must be signed by
 * @param certificate PEM: this agent's, followed by those between it and the engine's authority
 * @param key PEM, PKCS #8, not encrypted: of that certificate
 * @param serverName the name that the engine's certificate must hold. Empty: the host of the address
 */
public record EngineTls(Path authorities, Path certificate, Path key, String serverName) {

    static final String PROTOCOL = "TLSv1.3";

    /**
     * Reads the files.
     *
     * @throws IOException if one cannot be used; its message is a line for people
     */
    public SslContext load() throws IOException {
        List<X509Certificate> trusted = certificates("--engine-ca", authorities);
        for (X509Certificate own : certificates("--engine-cert", certificate)) {
            requireInForce(own);
        }
        read("--engine-key", key);
        try {
            return GrpcSslContexts.configure(
                            SslContextBuilder.forClient()
                                    .trustManager(trusted)
                                    .keyManager(certificate.toFile(), key.toFile()),
                            SslProvider.JDK)
                    .protocols(PROTOCOL)
                    .build();
        } catch (IllegalArgumentException e) {
            // What is wrong inside a key does not belong into a log.
            throw new IOException(
                    "--engine-key " + key
                            + " holds no key that can be read; write it as PEM without a password: openssl pkcs8 -topk8 -nocrypt");
        }
    }

    private void requireInForce(X509Certificate own) throws IOException {
        try {
            own.checkValidity();
        } catch (CertificateExpiredException e) {
            throw new IOException("this agent's certificate for the engine, --engine-cert " + certificate
                    + ", expired on " + own.getNotAfter().toInstant() + "; renew it");
        } catch (CertificateNotYetValidException e) {
            throw new IOException("this agent's certificate for the engine, --engine-cert " + certificate
                    + ", is not valid before " + own.getNotBefore().toInstant() + "; set this machine's clock right");
        }
    }

    private static List<X509Certificate> certificates(String option, Path file) throws IOException {
        try {
            return Pem.certificates(read(option, file));
        } catch (CertificateException e) {
            // The parser's own words help nobody.
            throw new IOException(option + " " + file + " holds no certificate; name a file in PEM", e);
        }
    }

    private static String read(String option, Path file) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1); // whatever the bytes are: PEM is looked for
        } catch (NoSuchFileException e) {
            throw new IOException(option + " " + file + ": there is no such file; name one in PEM", e);
        } catch (IOException e) {
            throw new IOException(
                    option + " " + file + " cannot be read; let the agent's user read it, and name a file in PEM", e);
        }
    }
}
