package dev.sheaf.cli.farm;

import dev.sheaf.cli.client.CoordinatorClient;
import dev.sheaf.cli.client.CoordinatorFlag;
import dev.sheaf.cli.flags.FormatFlag;
import dev.sheaf.cli.output.Hosts;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.output.Words;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.v1.Agent;
import dev.sheaf.v1.AgentDescription;
import dev.sheaf.v1.AgentIdentity;
import dev.sheaf.v1.PlatformSupport;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code sheaf agents show}. */
@Command(
        name = "show",
        header = "Show one agent: what it is, what it may do, what it does.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: sheaf agents show arm-1"})
final class AgentShowCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    private CoordinatorFlag coordinator = new CoordinatorFlag();

    @Mixin
    private FormatFlag format = new FormatFlag();

    @Parameters(paramLabel = "NAME", description = "The agent's name.")
    private String name = "";

    AgentShowCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws CliException, InterruptedException {
        try (CoordinatorClient client = coordinator.connect(shell)) {
            Agent agent = client.agents().stream()
                    .filter(known -> known.getDescription().getName().equals(name))
                    .findFirst()
                    .orElseThrow(
                            () -> CliException.user("no agent is called \"" + name + "\"; sheaf agents lists them"));
            if (format.isJson()) {
                shell.streams().out().println(AgentsCommand.json(agent).toPrettyString());
            } else {
                print(agent, shell.streams().out());
            }
            return 0;
        }
    }

    private static void print(Agent agent, PrintStream out) {
        AgentDescription is = agent.getDescription();
        field(out, "agent", is.getName());
        field(out, "state", AgentsCommand.state(agent));
        if (agent.hasIdentity()) {
            AgentIdentity identity = agent.getIdentity();
            field(out, "pool", identity.getPool());
            field(
                    out,
                    "permitted",
                    identity.getPlatformsCount() == 0
                            ? "whatever it proves"
                            : String.join(", ", identity.getPlatformsList()));
            field(out, "withheld", agent.getWithheld());
            field(out, "joined", Words.instant(identity.getJoined()) + " from " + identity.getJoinedFrom());
            field(out, "certificate", "until " + Words.instant(identity.getExpires()));
        }
        for (PlatformSupport support : is.getPlatformsList()) {
            field(
                    out,
                    "offers",
                    Words.of(support.getPlatform()) + (support.getEmulated() ? " (EMULATED)" : "") + ": "
                            + support.getProof());
        }
        if (agent.hasLastSeen()) {
            field(out, "slots", agent.getLeases() + " of " + is.getSlots() + " busy");
            field(out, "engine", is.getHost().getEngine());
            field(out, "degraded", is.getHost().getDegraded());
            field(out, "host", Hosts.words(is.getHost()));
            field(out, "version", is.getVersion());
            field(out, "address", agent.getAddress());
            field(out, "seen", Words.instant(agent.getLastSeen()).toString());
        }
        agent.getHoldingList().forEach(slice -> field(out, "builds", slice));
    }

    private static void field(PrintStream out, String name, String value) {
        if (!value.isEmpty()) {
            out.println((name + ":             ").substring(0, 14) + TerminalText.plain(value));
        }
    }
}
