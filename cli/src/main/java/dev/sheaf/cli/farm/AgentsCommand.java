package dev.sheaf.cli.farm;

import dev.sheaf.cli.client.CoordinatorClient;
import dev.sheaf.cli.client.CoordinatorFlag;
import dev.sheaf.cli.output.Table;
import dev.sheaf.cli.output.Words;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.v1.Agent;
import dev.sheaf.v1.AgentDescription;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sheaf agents}. */
@Command(
        name = "agents",
        header = "List the agents of the farm and what each can build.",
        mixinStandardHelpOptions = false,
        footer = {"", "Example: sheaf agents"})
public final class AgentsCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    private CoordinatorFlag coordinator = new CoordinatorFlag();

    @Mixin
    private HelpFlag help = new HelpFlag();

    public AgentsCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws CliException, InterruptedException {
        try (CoordinatorClient client = coordinator.connect(shell)) {
            Table table = new Table("AGENT", "STATE", "PLATFORMS", "SLOTS", "ENGINE", "MACHINE", "SEEN");
            for (Agent agent : client.agents()) {
                AgentDescription is = agent.getDescription();
                table.row(
                        is.getName(),
                        state(agent),
                        is.getPlatformsList().stream()
                                .map(support -> Words.of(support.getPlatform())
                                        + (support.getEmulated() ? " (EMULATED)" : ""))
                                .collect(Collectors.joining(", ")),
                        agent.getLeases() + "/" + is.getSlots(),
                        is.getEngine(),
                        is.getMachine(),
                        seen(agent));
            }
            table.print(shell.streams().out());
            return 0;
        }
    }

    private static String state(Agent agent) {
        if (agent.getLost()) {
            return "lost";
        }
        if (agent.getDraining()) {
            return "draining";
        }
        String unavailable = agent.getDescription().getUnavailable();
        if (!unavailable.isEmpty()) {
            return "unavailable: " + unavailable;
        }
        return agent.getLeases() == 0 ? "idle" : "busy";
    }

    private String seen(Agent agent) {
        if (!agent.hasLastSeen()) {
            return "";
        }
        Duration age = Duration.between(
                Words.instant(agent.getLastSeen()), shell.clock().instant());
        return Words.of(age) + " ago";
    }
}
