package dev.sheaf.cli.farm;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.cli.client.CoordinatorClient;
import dev.sheaf.cli.client.CoordinatorFlag;
import dev.sheaf.cli.output.Hosts;
import dev.sheaf.cli.output.Table;
import dev.sheaf.cli.output.Words;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.v1.Agent;
import dev.sheaf.v1.AgentDescription;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sheaf agents}. */
@Command(
        name = "agents",
        header = "List the agents of the farm and what each can build.",
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:", "  sheaf agents", "  sheaf agents --format json    one object a line"})
public final class AgentsCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    private CoordinatorFlag coordinator = new CoordinatorFlag();

    @Mixin
    private FormatFlag format = new FormatFlag();

    public AgentsCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws CliException, InterruptedException {
        try (CoordinatorClient client = coordinator.connect(shell)) {
            List<Agent> agents = client.agents();
            if (format.isJson()) {
                agents.forEach(agent -> shell.streams().out().println(json(agent)));
                return 0;
            }
            if (agents.isEmpty()) {
                shell.streams().err().println("no agents; start sheaf-agent on the hosts that are to build");
            }
            Table table = new Table("AGENT", "STATE", "PLATFORMS", "SLOTS", "ENGINE", "HOST", "SEEN");
            for (Agent agent : agents) {
                AgentDescription is = agent.getDescription();
                table.row(
                        is.getName(),
                        state(agent),
                        is.getPlatformsList().stream()
                                .map(support ->
                                        Words.of(support.getPlatform()) + (support.getEmulated() ? " (EMULATED)" : ""))
                                .collect(Collectors.joining(", ")),
                        agent.getLeases() + "/" + is.getSlots(),
                        is.getHost().getEngine(),
                        Hosts.words(is.getHost()),
                        seen(agent));
            }
            table.print(shell.streams().out());
            return 0;
        }
    }

    private static ObjectNode json(Agent agent) {
        AgentDescription is = agent.getDescription();
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("name", is.getName());
        node.put("state", state(agent));
        ArrayNode platforms = node.putArray("platforms");
        is.getPlatformsList()
                .forEach(support -> platforms
                        .addObject()
                        .put("platform", Words.of(support.getPlatform()))
                        .put("emulated", support.getEmulated()));
        node.put("busy", agent.getLeases());
        node.put("slots", is.getSlots());
        Hosts.json(is.getHost(), node);
        node.put("version", is.getVersion());
        if (agent.hasLastSeen()) {
            node.put("seen", Words.instant(agent.getLastSeen()).toString());
        }
        return node;
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
