package dev.sheaf.cli.image;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** How registries are called: the same for all commands that call them themselves. */
public final class RegistryFlags {
    @Option(
            names = "--insecure-registry",
            paramLabel = "HOST[:PORT]",
            description = "Speak plain HTTP to this registry; loopback ones are so by default; repeatable.")
    private List<String> insecure = new ArrayList<>();

    /** Registries with this machine's docker logins. */
    public UserRegistries open(Shell shell) throws CliException {
        return UserRegistries.open(shell, Set.copyOf(insecure));
    }
}
