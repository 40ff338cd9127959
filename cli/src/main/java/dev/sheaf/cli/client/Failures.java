package dev.sheaf.cli.client;

import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.endpoint.route.FarmRoute;
import dev.sheaf.endpoint.tls.TlsFailure;
import dev.sheaf.endpoint.tls.TlsProbe;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;

/** What a failed call means to the user. */
final class Failures {
    private static final Duration TLS_PATIENCE = Duration.ofSeconds(1);

    private final FarmRoute route;
    private final String address;

    Failures(FarmRoute route) {
        this.route = route;
        this.address = route.toString();
    }

    /** Whether the same call may work in a moment: the connection failed, not the request. */
    boolean isTransient(StatusRuntimeException failure) {
        return insecure(failure).isEmpty() && isPassing(failure);
    }

    /** Whether the two sides secure the connection each in its own way, which does not pass. */
    private Optional<String> insecure(StatusRuntimeException failure) {
        if (route.isSecure()) {
            return TlsFailure.explain(failure.getStatus(), address);
        }
        boolean closed = failure.getStatus().getCode() == Status.Code.UNAVAILABLE
                && failure.getStatus().getCause() == null;
        return closed && TlsProbe.speaksTls(route.first(), TLS_PATIENCE)
                ? Optional.of(TlsProbe.sentence(route.first().toString()))
                : Optional.empty();
    }

    private static boolean isPassing(StatusRuntimeException failure) {
        return switch (failure.getStatus().getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, INTERNAL, UNKNOWN, ABORTED, CANCELLED, DATA_LOSS -> true;
            case OK,
                    INVALID_ARGUMENT,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    RESOURCE_EXHAUSTED,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    UNAUTHENTICATED -> false;
        };
    }

    CliException translate(StatusRuntimeException failure) {
        Status status = failure.getStatus();
        Optional<String> insecure = insecure(failure);
        if (insecure.isPresent()) {
            return new CliException(ExitCode.UNAVAILABLE, TerminalText.plain(insecure.get()));
        }
        String said = status.getDescription() == null ? "" : TerminalText.plain(status.getDescription());
        return switch (status.getCode()) {
            case INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, OUT_OF_RANGE ->
                CliException.user(said.isEmpty() ? "the coordinator refuses the request" : said);
            case FAILED_PRECONDITION, RESOURCE_EXHAUSTED ->
                new CliException(ExitCode.TRY_LATER, said.isEmpty() ? "the farm has no room for this now" : said);
            case UNIMPLEMENTED ->
                new CliException(
                        ExitCode.UNAVAILABLE,
                        "what answers at " + address + " is no Sheaf coordinator, or an older one than this program");
            case UNAVAILABLE ->
                new CliException(
                        ExitCode.UNAVAILABLE,
                        "no Sheaf coordinator answers at " + address + " (" + reason(failure, said)
                                + "); start sheaf-coordinator, or name another with --coordinator or SHEAF_COORDINATOR");
            case DEADLINE_EXCEEDED ->
                new CliException(
                        ExitCode.UNAVAILABLE, "the Sheaf coordinator at " + address + " did not answer in time");
            case PERMISSION_DENIED, UNAUTHENTICATED ->
                new CliException(ExitCode.AUTHENTICATION, said.isEmpty() ? "the farm refuses this caller" : said);
            case OK, CANCELLED, UNKNOWN, ABORTED, INTERNAL, DATA_LOSS ->
                new CliException(
                        ExitCode.UNAVAILABLE,
                        "the Sheaf coordinator at " + address + " failed: "
                                + (said.isEmpty() ? status.getCode().name() : said));
        };
    }

    private static String reason(StatusRuntimeException failure, String said) {
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof java.net.ConnectException) {
                return "connection refused";
            }
            if (cause instanceof java.net.UnknownHostException) {
                return "unknown host";
            }
        }
        return said.isEmpty() ? "unavailable" : said;
    }
}
