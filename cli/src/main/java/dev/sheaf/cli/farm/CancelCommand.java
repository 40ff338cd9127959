package dev.sheaf.cli.farm;

import dev.sheaf.cli.client.CoordinatorClient;
import dev.sheaf.cli.client.CoordinatorFlag;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.output.Words;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.v1.BuildState;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code sheaf cancel}. */
@Command(
        name = "cancel",
        header = "Cancel a build. A build that has ended stays as it ended.",
        footer = {"", "Example: sheaf cancel 3f2a"})
public final class CancelCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    private CoordinatorFlag coordinator = new CoordinatorFlag();

    @Mixin
    private HelpFlag help = new HelpFlag();

    @Parameters(paramLabel = "ID", description = "The build's id, or the start of it.")
    private String id = "";

    public CancelCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws CliException, InterruptedException {
        try (CoordinatorClient client = coordinator.connect(shell)) {
            String whole = client.get(id).getId();
            BuildState state = client.cancel(whole);
            shell.streams().out().println(TerminalText.plain(whole) + " " + Words.of(state));
            return 0;
        }
    }
}
