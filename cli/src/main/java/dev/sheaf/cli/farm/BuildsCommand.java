package dev.sheaf.cli.farm;

import dev.sheaf.cli.client.CoordinatorClient;
import dev.sheaf.cli.client.CoordinatorFlag;
import dev.sheaf.cli.flags.FormatFlag;
import dev.sheaf.cli.output.ResultFiles;
import dev.sheaf.cli.output.Table;
import dev.sheaf.cli.output.Words;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.v1.Build;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sheaf builds}. */
@Command(
        name = "builds",
        header = "List the newest builds of your team.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  sheaf builds --limit 10",
            "  sheaf builds --team payments    as an operator, who sees the builds of all teams",
            "  sheaf builds --format json      one object a line"
        })
public final class BuildsCommand implements Callable<Integer> {
    private static final int MAX_LIMIT = 1000;

    private final Shell shell;

    @Mixin
    private CoordinatorFlag coordinator = new CoordinatorFlag();

    @Option(names = "--limit", paramLabel = "N", description = "How many, 1 to 1000 (default 50).")
    private int limit = 50;

    @Option(
            names = "--team",
            paramLabel = "TEAM",
            description = "Only builds of this team. Default: of all that you may see: your own; for operators, all.")
    private String team = "";

    @Mixin
    private FormatFlag format = new FormatFlag();

    public BuildsCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws CliException, InterruptedException {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw CliException.user("--limit " + limit + " is not between 1 and " + MAX_LIMIT);
        }
        try (CoordinatorClient client = coordinator.connect(shell)) {
            List<Build> builds = client.list(limit, team);
            if (format.isJson()) {
                builds.forEach(build -> shell.streams().out().println(ResultFiles.json(build)));
                return 0;
            }
            if (builds.isEmpty()) {
                shell.streams().err().println("no builds since the coordinator started");
            }
            // In clear text there are none.
            boolean teams = builds.stream().anyMatch(build -> !build.getTeam().isEmpty());
            Table table = teams
                    ? new Table("BUILD", "STATE", "TEAM", "PLATFORMS", "SUBMITTED", "TIME", "TAGS")
                    : new Table("BUILD", "STATE", "PLATFORMS", "SUBMITTED", "TIME", "TAGS");
            for (Build build : builds) {
                Instant submitted = Words.instant(build.getSubmitted());
                Instant end = build.hasEnded()
                        ? Words.instant(build.getEnded())
                        : shell.clock().instant();
                List<String> row = new ArrayList<>(List.of(build.getId(), Words.of(build.getState())));
                if (teams) {
                    row.add(build.getTeam());
                }
                row.addAll(List.of(
                        build.getSpec().getPlatformsList().stream()
                                .map(Words::of)
                                .collect(Collectors.joining(",")),
                        submitted.truncatedTo(ChronoUnit.SECONDS).toString(),
                        Words.of(Duration.between(submitted, end)),
                        String.join(" ", build.getSpec().getTagsList())));
                table.row(row.toArray(String[]::new));
            }
            table.print(shell.streams().out());
            return 0;
        }
    }
}
