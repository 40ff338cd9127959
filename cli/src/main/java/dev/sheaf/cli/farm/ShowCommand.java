package dev.sheaf.cli.farm;

import dev.sheaf.cli.client.CoordinatorClient;
import dev.sheaf.cli.client.CoordinatorFlag;
import dev.sheaf.cli.client.Resumption;
import dev.sheaf.cli.flags.FormatFlag;
import dev.sheaf.cli.output.Bases;
import dev.sheaf.cli.output.BuildReport;
import dev.sheaf.cli.output.Checks;
import dev.sheaf.cli.output.Hosts;
import dev.sheaf.cli.output.Materials;
import dev.sheaf.cli.output.ResultFiles;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.output.Words;
import dev.sheaf.cli.progress.ProgressFollower;
import dev.sheaf.cli.progress.ProgressMode;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.SliceState;
import java.io.PrintStream;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf show}. */
@Command(
        name = "show",
        header = "Show one build: its state, its platforms, its result.",
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:", "  sheaf show --logs 3f2a", "  sheaf show --format json 3f2a"})
public final class ShowCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    private CoordinatorFlag coordinator = new CoordinatorFlag();

    @Option(names = "--logs", description = "First the output of the build, followed to its end, on standard error.")
    private boolean logs;

    @Mixin
    private FormatFlag format = new FormatFlag();

    @Parameters(paramLabel = "ID", description = "The build's id, or the start of it.")
    private String id = "";

    public ShowCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws CliException, InterruptedException {
        try (CoordinatorClient client = coordinator.connect(shell)) {
            Build build = client.get(id);
            if (logs) {
                try (ProgressFollower follower = new ProgressFollower(ProgressMode.PLAIN, shell)) {
                    build = client.watch(build.getId(), follower, Resumption.NONE);
                }
            }
            if (format.isJson()) {
                shell.streams().out().println(ResultFiles.json(build).toPrettyString());
            } else {
                print(build, shell.streams().out());
            }
            return 0;
        }
    }

    private static void print(Build build, PrintStream out) {
        field(out, "build", build.getId());
        field(out, "state", Words.of(build.getState()));
        field(out, "submitted", Words.instant(build.getSubmitted()).toString());
        if (!build.getUser().isEmpty()) {
            field(out, "by", build.getUser() + " of team " + build.getTeam());
        }
        if (build.hasEnded()) {
            field(out, "ended", Words.instant(build.getEnded()).toString());
        }
        build.getSpec().getTagsList().forEach(tag -> field(out, "tag", tag));
        Set<String> pinned =
                build.getSpec().getBasesList().stream().map(Bases::words).collect(Collectors.toSet());
        build.getSpec().getBasesList().forEach(base -> field(out, "base", Bases.words(base)));
        Materials.images(build).stream()
                .filter(image -> !pinned.contains(image))
                .forEach(image -> field(out, "base", image));
        Materials.unknown(build).forEach(line -> field(out, "base", line));
        if (build.hasIndex()) {
            field(out, "index", build.getIndex().getDigest());
        }
        if (build.hasFailure()) {
            field(out, "failure", build.getFailure().getMessage());
            build.getFailure().getDetailsList().forEach(detail -> field(out, "also", detail));
        }
        for (SliceState slice : build.getSlicesList()) {
            if (!slice.getWaitingFor().isEmpty()) {
                field(out, "waiting", Words.of(slice.getPlatform()) + ": " + slice.getWaitingFor());
            }
        }
        out.println();
        BuildReport.slices(build, out);
        Hosts.print(build, out);
        Checks.print(build, out);
    }

    private static void field(PrintStream out, String name, String value) {
        out.println((name + ":          ").substring(0, 12) + TerminalText.plain(value));
    }
}
