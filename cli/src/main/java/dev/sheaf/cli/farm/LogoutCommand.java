package dev.sheaf.cli.farm;

import dev.sheaf.cli.client.Logins;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sheaf logout}. */
@Command(
        name = "logout",
        header = "Forget the token of a farm here. The farm goes on knowing it: see sheaf users remove.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: sheaf logout farm.example.com:7420"})
public final class LogoutCommand implements Callable<Integer> {
    private final Shell shell;

    @Parameters(paramLabel = "HOST:PORT[,...]", arity = "0..1", description = "Default: where you logged in last.")
    private String farm = "";

    public LogoutCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws CliException {
        Logins logins = new Logins(shell);
        String named = farm.isEmpty() ? logins.last().orElse("") : farm;
        if (named.isEmpty() || !logins.forget(named)) {
            throw CliException.user(
                    named.isEmpty() ? "nobody is logged in" : "nobody is logged in to \"" + named + "\"");
        }
        shell.streams().out().println("forgot the token for " + named);
        return 0;
    }
}
