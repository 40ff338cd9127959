package dev.sheaf.cli.client;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.endpoint.FarmAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** --coordinator, the same for every command. */
public final class CoordinatorFlag {
    @Option(
            names = "--coordinator",
            paramLabel = "HOST:PORT",
            description = "Coordinator to call (env SHEAF_COORDINATOR; default 127.0.0.1:7420).")
    private @Nullable String address;

    /** A client for the address in the flag, or in the environment, or the default one. */
    public CoordinatorClient connect(Shell shell) throws CliException {
        String text = address != null ? address : shell.variable("SHEAF_COORDINATOR").orElse("");
        try {
            FarmAddress farm = text.isEmpty() ? FarmAddress.DEFAULT : FarmAddress.parse(text);
            farm.requirePlaintextAllowed();
            return CoordinatorClient.plaintext(farm.host(), farm.port(), shell.sleeper());
        } catch (IllegalArgumentException e) {
            throw CliException.user(String.valueOf(e.getMessage()));
        }
    }
}
