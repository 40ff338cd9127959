package dev.sheaf.agent.engine.channel;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;

/** Why a TLS handshake with an engine failed, and what to do: one line for people. */
final class TlsWords {

    private static final int MAX_REASON_CHARACTERS = 200;
    private static final String ALERT = "fatal alert: ";

    private TlsWords() {}

    static String of(EngineAddress address, SSLException failure) {
        String said = line(failure);
        int alert = said.indexOf(ALERT);
        if (alert >= 0) {
            return refusedByEngine(address, said.substring(alert + ALERT.length()));
        }
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            switch (cause) {
                case CertificateExpiredException _ -> {
                    return address.text() + ": the engine's certificate has expired; renew it";
                }
                case CertificateNotYetValidException _ -> {
                    return address.text()
                            + ": the engine's certificate is not valid yet; set this machine's clock right";
                }
                case CertPathBuilderException _ -> {
                    return address.text() + ": the engine's certificate is not signed by the authority in --engine-ca;"
                            + " name the one that signed it";
                }
                case CertificateException wrong
                when wrong.getCause() == null -> {
                    return address.text() + ": the engine's certificate is not for " + address.serverName() + " ("
                            + line(wrong) + "); name the engine as its certificate does, in --engine or with"
                            + " --engine-server-name";
                }
                default -> {}
            }
        }
        // The JDK's words for bytes that are no TLS.
        return said.contains("Unsupported or unrecognized SSL message")
                ? address.text()
                        + " speaks plaintext, not TLS; start buildkitd with --tlscacert, --tlscert and --tlskey"
                : address.text() + ": the TLS handshake fails: " + said + "; look into the engine's log";
    }

    private static String refusedByEngine(EngineAddress address, String alert) {
        return switch (alert) {
            case "protocol_version", "handshake_failure", "no_application_protocol" ->
                address.text() + " does not offer TLS 1.3 with HTTP/2 (" + alert + "); update the engine";
            case "unrecognized_name" ->
                address.text() + " does not go by the name " + address.serverName()
                        + "; name it as its certificate does," + " with --engine-server-name";
            default ->
                address.text() + " refuses this agent's certificate (" + alert + "); name one that the engine's"
                        + " authority signed, and its key, with --engine-cert and --engine-key";
        };
    }

    private static String line(Throwable thrown) {
        String line = String.valueOf(thrown.getMessage())
                .replaceAll("\\p{Cntrl}+", " ")
                .strip();
        return line.length() <= MAX_REASON_CHARACTERS ? line : line.substring(0, MAX_REASON_CHARACTERS) + "...";
    }
}
