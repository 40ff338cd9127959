package dev.sheaf.cli.client;

import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** What a failed call means to the user. */
final class Failures {
    private final String address;

    Failures(String address) {
        this.address = address;
    }

    /** Whether the same call may work in a moment: the connection failed, not the request. */
    static boolean isTransient(StatusRuntimeException failure) {
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
        String said = status.getDescription() == null ? "" : TerminalText.plain(status.getDescription());
        return switch (status.getCode()) {
            case INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, OUT_OF_RANGE -> CliException.user(
                    said.isEmpty() ? "the coordinator refuses the request" : said);
            case FAILED_PRECONDITION, RESOURCE_EXHAUSTED -> new CliException(
                    ExitCode.TRY_LATER, said.isEmpty() ? "the farm has no room for this now" : said);
            case UNIMPLEMENTED -> new CliException(
                    ExitCode.UNAVAILABLE,
                    "what answers at " + address + " is no Sheaf coordinator, or an older one than this program");
            case UNAVAILABLE -> new CliException(
                    ExitCode.UNAVAILABLE,
                    "no Sheaf coordinator answers at " + address + " (" + reason(failure, said)
                            + "); start sheaf-coordinator, or name another with --coordinator or SHEAF_COORDINATOR");
            case DEADLINE_EXCEEDED -> new CliException(
                    ExitCode.UNAVAILABLE, "the Sheaf coordinator at " + address + " did not answer in time");
            case OK, CANCELLED, UNKNOWN, PERMISSION_DENIED, ABORTED, INTERNAL, DATA_LOSS, UNAUTHENTICATED ->
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
