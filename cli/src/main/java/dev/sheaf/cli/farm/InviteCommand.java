package dev.sheaf.cli.farm;

import dev.sheaf.cli.client.CoordinatorClient;
import dev.sheaf.cli.client.CoordinatorFlag;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.output.Words;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.v1.InviteRequest;
import dev.sheaf.v1.InviteResponse;
import java.io.PrintStream;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sheaf agents invite}. */
@Command(
        name = "invite",
        header = "Permit one host to join the farm as an agent: prints a token, once.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  sheaf agents invite --pool team-a --platform linux/arm64",
            "  sheaf agents invite --name arm-1 --ttl 1h      replaces the agent that has the name"
        })
final class InviteCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    private CoordinatorFlag coordinator = new CoordinatorFlag();

    @Option(names = "--pool", paramLabel = "POOL", description = "The agent's pool (default: default).")
    private String pool = "";

    @Option(
            names = "--platform",
            paramLabel = "P",
            split = ",",
            description = "What the agent may offer; repeatable (default: whatever it proves).")
    private List<String> platforms = new ArrayList<>();

    @Option(names = "--name", paramLabel = "NAME", description = "The agent's name (default: the host's).")
    private String name = "";

    @Option(names = "--ttl", paramLabel = "TIME", description = "How long the token holds: 1m to 168h (default 10m).")
    private String ttl = "10m";

    InviteCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws CliException, InterruptedException {
        InviteRequest.Builder request = InviteRequest.newBuilder()
                .setPool(pool)
                .setName(name)
                .setTtl(com.google.protobuf.Duration.newBuilder().setSeconds(ttl().toSeconds()));
        for (String platform : platforms) {
            request.addPlatforms(SelectorFlags.platform(platform));
        }
        try (CoordinatorClient client = coordinator.connect(shell)) {
            InviteResponse invited = client.identities(farm -> farm.invite(request.build()));
            PrintStream err = shell.streams().err();
            err.println("one host may join pool \"" + TerminalText.plain(invited.getPool()) + "\" until "
                    + Words.instant(invited.getExpires()) + ", and offer "
                    + (invited.getPlatformsCount() == 0
                            ? "whatever it proves"
                            : TerminalText.plain(String.join(", ", invited.getPlatformsList())))
                    + "; on that host, run");
            err.println("  sheaf-agent join " + client.farm() + " TOKEN && sheaf-agent");
            err.flush();
            shell.streams().out().println(TerminalText.plain(invited.getToken()));
            return 0;
        }
    }

    private Duration ttl() throws CliException {
        try {
            return Duration.parse("PT" + ttl.toUpperCase(Locale.ROOT));
        } catch (DateTimeParseException e) {
            throw CliException.user("--ttl " + ttl + " is not a duration; write 90s, 10m or 1h30m");
        }
    }
}
