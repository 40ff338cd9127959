package dev.sheaf.cli.check;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.cli.bases.BaseNeed;
import dev.sheaf.cli.bases.BaseResolution;
import dev.sheaf.cli.context.TreeContext;
import dev.sheaf.cli.flags.FormatFlag;
import dev.sheaf.cli.flags.SourceFlags;
import dev.sheaf.cli.lint.Finding;
import dev.sheaf.cli.lint.Finding.Severity;
import dev.sheaf.cli.lint.Lint;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.dockerfile.BuildSelection;
import dev.sheaf.dockerfile.Dockerfile;
import dev.sheaf.dockerfile.DockerfileException;
import dev.sheaf.image.Platform;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sheaf check}. */
@Command(
        name = "check",
        header = "Look for what makes an image hold the wrong architecture; nothing is built, no farm is needed.",
        description = {
            "Reads the Dockerfile, the files that it copies, and what its base images' registries have. A finding is"
                    + " silenced by a comment above the instruction: # sheaf: ignore=RULE"
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sheaf check",
            "  sheaf check --platform linux/amd64,linux/arm64,linux/arm/v7 --format json .",
            "",
            "Exit codes: 0 nothing is wrong, or only warnings; 1 an error was found, or the Dockerfile, the context or",
            "the flags are wrong."
        })
public final class CheckCommand implements Callable<Integer> {
    private static final String BASE_PLATFORM = "base-lacks-platform";

    private final Shell shell;

    @Mixin
    private SourceFlags flags = new SourceFlags();

    @Option(names = "--offline", description = "Do not ask the base images' registries.")
    private boolean offline;

    @Mixin
    private FormatFlag format = new FormatFlag();

    public CheckCommand(Shell shell) {
        this.shell = shell;
    }

    /** What was found, and what could not be looked at. */
    private record Report(List<Platform> platforms, List<Finding> findings, List<String> notices) {
        boolean hasErrors() {
            return findings.stream().anyMatch(finding -> finding.severity() == Severity.ERROR);
        }
    }

    @Override
    public Integer call() throws CliException, InterruptedException {
        BuildSelection wanted = new BuildSelection(flags.target(), flags.platforms(shell), flags.buildArgs(shell));
        Report report;
        try (TreeContext context = Source.open(flags, shell)) {
            report = report(context, wanted);
        } catch (DockerfileException e) {
            throw CliException.user("Dockerfile: " + e.getMessage());
        }
        if (format.isJson()) {
            shell.streams().out().println(json(report).toPrettyString());
        } else {
            print(report, shell.streams().out());
        }
        return (report.hasErrors() ? ExitCode.USER : ExitCode.OK).number();
    }

    private Report report(TreeContext context, BuildSelection wanted)
            throws CliException, DockerfileException, InterruptedException {
        Dockerfile file = Dockerfile.parse(context.dockerfileText());
        List<Finding> findings = new ArrayList<>(Lint.of(file, wanted, Source.files(context)));
        List<String> notices = new ArrayList<>();
        if (!offline) {
            List<BaseNeed> needs = BaseNeed.of(file, wanted);
            BaseResolution resolution = Source.bases(context, wanted, shell);
            findings.addAll(Lint.unsilenced(file, missing(resolution, needs)));
            notices.addAll(resolution.unresolved());
        }
        findings.sort(Finding.ORDER);
        return new Report(wanted.platforms(), findings, notices);
    }

    private static List<Finding> missing(BaseResolution resolution, List<BaseNeed> needs) {
        List<Finding> found = new ArrayList<>();
        resolution.shortcomings(needs).forEach((need, why) -> {
            int colon = why.lastIndexOf(": ");
            found.add(new Finding(
                    BASE_PLATFORM,
                    Severity.ERROR,
                    need.line(),
                    need.line(),
                    why.substring(0, colon),
                    why.substring(colon + 2)));
        });
        return found;
    }

    private static void print(Report report, PrintStream out) {
        for (Finding finding : report.findings()) {
            out.println("Dockerfile:" + finding.firstLine() + ": "
                    + finding.severity().word() + ": " + TerminalText.plain(finding.message()) + " [" + finding.rule()
                    + "]");
            out.println("    " + TerminalText.plain(finding.fix()));
        }
        report.notices().forEach(notice -> out.println("not checked: " + TerminalText.plain(notice)));
        long errors = report.findings().stream()
                .filter(finding -> finding.severity() == Severity.ERROR)
                .count();
        long warnings = report.findings().size() - errors;
        out.println(report.findings().isEmpty() ? "nothing found" : errors + " errors, " + warnings + " warnings");
    }

    private static ObjectNode json(Report report) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode platforms = root.putArray("platforms");
        report.platforms().forEach(platform -> platforms.add(platform.toString()));
        ArrayNode findings = root.putArray("findings");
        for (Finding finding : report.findings()) {
            ObjectNode node = findings.addObject();
            node.put("rule", finding.rule());
            node.put("severity", finding.severity().word());
            node.put("line", finding.firstLine());
            node.put("lastLine", finding.lastLine());
            node.put("message", finding.message());
            node.put("fix", finding.fix());
        }
        ArrayNode notices = root.putArray("notChecked");
        report.notices().forEach(notices::add);
        return root;
    }
}
