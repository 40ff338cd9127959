package dev.sheaf.cli.client;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.endpoint.FarmAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** --coordinator, the same for every command. */
public final class CoordinatorFlag {
    @Option(
            names = "--coordinator",
            paramLabel = "HOST:PORT[,...]",
            description = "Coordinator to call, or several of which one leads: the one that answers is followed"
                    + " (env SHEAF_COORDINATOR; default 127.0.0.1:7420).")
    private @Nullable String address;

    /** A client for the address in the flag, or in the environment, or the default one. */
    public CoordinatorClient connect(Shell shell) throws CliException {
        String text =
                address != null ? address : shell.variable("SHEAF_COORDINATOR").orElse("");
        try {
            List<FarmAddress> farm = text.isEmpty() ? List.of(FarmAddress.DEFAULT) : FarmAddress.parseList(text);
            farm.forEach(FarmAddress::requirePlaintextAllowed);
            return CoordinatorClient.plaintext(farm, shell.sleeper());
        } catch (IllegalArgumentException e) {
            throw CliException.user(String.valueOf(e.getMessage()));
        }
    }
}
