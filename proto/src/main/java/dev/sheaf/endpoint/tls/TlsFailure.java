package dev.sheaf.endpoint.tls;

import io.grpc.Status;
import io.netty.handler.ssl.NotSslRecordException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What it means that a secure connection could not be made, and what to do. Pure. */
public final class TlsFailure {
    private static final Pattern ALERT =
            Pattern.compile("\\(?([a-z_]+)\\)? ?Received fatal alert|fatal alert: ([a-z_]+)");
    private static final Pattern NAME = Pattern.compile(
            "No (?:name matching|subject alternative|Subject Alternative)|doesn't match any of the subject alternative");

    private TlsFailure() {}

    /** One sentence, if a call over TLS failed because of TLS. Trying again does not help. */
    public static Optional<String> explain(Status status, String farm) {
        if (status.getCode() != Status.Code.UNAVAILABLE && status.getCode() != Status.Code.UNKNOWN) {
            return Optional.empty();
        }
        Optional<String> found = Optional.empty();
        // What is deeper says more.
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            Optional<String> deeper = explain(cause, farm);
            found = deeper.isPresent() ? deeper : found;
        }
        return found;
    }

    private static Optional<String> explain(Throwable cause, String farm) {
        String said = String.valueOf(cause.getMessage());
        return switch (cause) {
            case NotSslRecordException _ ->
                Optional.of(farm + " speaks clear text, and this program TLS: set the farm up with \"sheaf-coordinator"
                        + " init\", or check the port");
            case PinnedTrust.ForeignAuthorityException _ ->
                Optional.of(
                        "what answers at " + farm + " is not the farm that made the token: another authority vouches"
                                + " for it; nothing secret was sent. Check the address, or ask for a new token if the farm was"
                                + " set up anew");
            case CertificateExpiredException _ ->
                Optional.of("the certificate of " + farm + " has expired (" + said
                        + "): start its sheaf-coordinator anew, which renews it, or check this machine's clock");
            case CertificateNotYetValidException _ ->
                Optional.of("the certificate of " + farm + " is not valid yet (" + said
                        + "): check the clocks of this machine and of the farm");
            case CertPathBuilderException _, CertPathValidatorException _ ->
                Optional.of("the certificate of " + farm + " is of an authority that is not trusted here:"
                        + " check the address, and the file that SHEAF_CA_FILE names");
            default -> {
                if (said.contains("does not permit use for TLS server")) {
                    yield Optional.of("what answers at " + farm + " is no coordinator: it shows the certificate of an"
                            + " agent; check the address");
                }
                yield NAME.matcher(said).find() ? Optional.of(wrongName(farm)) : alert(said, farm);
            }
        };
    }

    private static String wrongName(String farm) {
        return "the certificate of " + farm
                + " is not for the name that was called: call the farm by a name that it was"
                + " set up with, or add this one with \"sheaf-coordinator init --name\"";
    }

    private static Optional<String> alert(String said, String farm) {
        Matcher alert = ALERT.matcher(said);
        if (!alert.find()) {
            return Optional.empty();
        }
        String name = Optional.ofNullable(alert.group(2))
                .or(() -> Optional.ofNullable(alert.group(1)))
                .orElse("");
        return Optional.of(
                switch (name.toLowerCase(Locale.ROOT)) {
                    case "certificate_expired",
                            "certificate_unknown",
                            "bad_certificate",
                            "unknown_ca",
                            "certificate_revoked" ->
                        farm + " does not take this agent's certificate (" + name
                                + "): it has expired, or another farm made it; join this farm with \"sheaf-agent join\"";
                    case "protocol_version", "handshake_failure" ->
                        "no common version of TLS with " + farm + " (" + name + "): the farm speaks TLS 1.3 only";
                    default -> farm + " ended the secure connection (" + name + ")";
                });
    }
}
