package dev.sheaf.cli.farm;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.cli.client.CoordinatorClient;
import dev.sheaf.cli.client.CoordinatorFlag;
import dev.sheaf.cli.flags.FormatFlag;
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
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sheaf agents}. */
@Command(
        name = "agents",
        header = "List the agents of the farm and what each can build.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  sheaf agents",
            "  sheaf agents --format json    one object a line",
            "  sheaf agents show arm-1",
            "  sheaf agents invite --platform linux/arm64",
            "  sheaf agents drain --pool team-a"
        })
public final class AgentsCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    private CoordinatorFlag coordinator = new CoordinatorFlag();

    @Mixin
    private FormatFlag format = new FormatFlag();

    public AgentsCommand(Shell shell) {
        this.shell = shell;
    }

    /** The command with its subcommands. */
    public static CommandLine line(Shell shell) {
        return new CommandLine(new AgentsCommand(shell))
                .addSubcommand(new AgentShowCommand(shell))
                .addSubcommand(new InviteCommand(shell))
                .addSubcommand(new AgentWishCommands.Revoke(shell))
                .addSubcommand(new AgentWishCommands.Drain(shell))
                .addSubcommand(new AgentWishCommands.Resume(shell));
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
            Table table = new Table("AGENT", "STATE", "POOL", "PLATFORMS", "SLOTS", "ENGINE", "HOST", "SEEN");
            for (Agent agent : agents) {
                AgentDescription is = agent.getDescription();
                table.row(
                        is.getName(),
                        state(agent),
                        agent.getIdentity().getPool(),
                        is.getPlatformsList().stream()
                                .map(support ->
                                        Words.of(support.getPlatform()) + (support.getEmulated() ? " (EMULATED)" : ""))
                                .collect(Collectors.joining(", ")),
                        agent.hasLastSeen() ? agent.getLeases() + "/" + is.getSlots() : "",
                        is.getHost().getEngine(),
                        Hosts.words(is.getHost()),
                        seen(agent));
            }
            table.print(shell.streams().out());
            return 0;
        }
    }

    static ObjectNode json(Agent agent) {
        AgentDescription is = agent.getDescription();
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("name", is.getName());
        node.put("state", state(agent));
        if (agent.hasIdentity()) {
            node.put("pool", agent.getIdentity().getPool());
            ArrayNode permitted = node.putArray("permitted");
            agent.getIdentity().getPlatformsList().forEach(permitted::add);
        }
        node.put("drained", agent.getDrained());
        node.put("withheld", agent.getWithheld());
        node.put("address", agent.getAddress());
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

    static String state(Agent agent) {
        if (agent.getIdentity().hasRevoked()) {
            return "revoked";
        }
        if (agent.getLost()) {
            return agent.hasLastSeen() ? "lost" : agent.getDrained() ? "away, drained" : "away";
        }
        if (agent.getDrained()) {
            return agent.getLeases() == 0 ? "drained" : "draining";
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
