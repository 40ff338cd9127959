package dev.sheaf.cli.check;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.cli.bases.BaseImage;
import dev.sheaf.cli.bases.BaseNeed;
import dev.sheaf.cli.bases.BaseResolution;
import dev.sheaf.cli.client.CoordinatorClient;
import dev.sheaf.cli.client.CoordinatorFlag;
import dev.sheaf.cli.context.TreeContext;
import dev.sheaf.cli.flags.FormatFlag;
import dev.sheaf.cli.flags.SourceFlags;
import dev.sheaf.cli.lint.Lint;
import dev.sheaf.cli.output.Table;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.output.Words;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.dockerfile.BuildSelection;
import dev.sheaf.dockerfile.Dockerfile;
import dev.sheaf.dockerfile.DockerfileException;
import dev.sheaf.v1.AbleAgent;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.SlicePlan;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sheaf plan}. */
@Command(
        name = "plan",
        header = "Show what a build would do: its platforms, who would build them, its base images. Nothing is built.",
        description = {
            "For each platform: the agent that would be given it now and why, or why none; how many slices wait before"
                    + " it; how long the last ones took, of the same context if there were any."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Examples:", "  sheaf plan", "  sheaf plan --platform linux/amd64,linux/386 --format json ."})
public final class PlanCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    private SourceFlags flags = new SourceFlags();

    @Mixin
    private FormatFlag format = new FormatFlag();

    @Mixin
    private CoordinatorFlag coordinator = new CoordinatorFlag();

    public PlanCommand(Shell shell) {
        this.shell = shell;
    }

    /**
     * All that is shown.
     *
     * @param problems bases that cannot serve, and those that are not known
     */
    private record Plan(List<SlicePlan> slices, List<BaseImage> bases, List<String> problems, int findings) {}

    @Override
    public Integer call() throws CliException, InterruptedException {
        BuildSelection wanted = new BuildSelection(flags.target(), flags.platforms(shell), flags.buildArgs(shell));
        Plan plan;
        try (CoordinatorClient client = coordinator.connect(shell);
                TreeContext context = Source.open(flags, shell)) {
            Dockerfile file = Dockerfile.parse(context.dockerfileText());
            int findings = Lint.of(file, wanted, Source.files(context)).size();
            BaseResolution bases = Source.bases(context, wanted, shell);
            List<String> problems = new ArrayList<>();
            bases.shortcomings(BaseNeed.of(file, wanted))
                    .forEach((need, why) -> problems.add("Dockerfile line " + need.line() + ": " + why));
            problems.addAll(bases.unresolved());
            plan = new Plan(client.plan(spec(context, wanted)), bases.images(), problems, findings);
        } catch (DockerfileException e) {
            throw CliException.user("Dockerfile: " + e.getMessage());
        }
        if (format.isJson()) {
            shell.streams().out().println(json(plan).toPrettyString());
        } else {
            print(plan, shell.streams().out());
        }
        return 0;
    }

    private static BuildSpec spec(TreeContext context, BuildSelection wanted) {
        BuildSpec.Builder spec =
                BuildSpec.newBuilder().setTarget(wanted.target()).putAllBuildArgs(wanted.arguments());
        wanted.platforms()
                .forEach(platform -> spec.addPlatforms(Platform.newBuilder()
                        .setOs(platform.os())
                        .setArchitecture(platform.architecture())
                        .setVariant(platform.variant())));
        context.describeIn(spec);
        return spec.build();
    }

    private static void print(Plan plan, PrintStream out) {
        Table table = new Table("PLATFORM", "AGENT", "AHEAD", "EXPECTED", "WHY");
        for (SlicePlan slice : plan.slices()) {
            table.row(
                    Words.of(slice.getPlatform()),
                    slice.getAgent(),
                    Integer.toString(slice.getAhead()),
                    expected(slice)
                            .map(time -> Words.of(time) + " (of " + slice.getCounted()
                                    + (slice.getSameContext() ? " of this context)" : ")"))
                            .orElse(""),
                    slice.getReason());
        }
        table.print(out);
        if (!plan.bases().isEmpty()) {
            out.println();
            Table bases = new Table("BASE", "DIGEST", "PLATFORMS");
            plan.bases()
                    .forEach(base ->
                            bases.row(base.reference().toString(), base.digest().value(), base.platformWords()));
            bases.print(out);
        }
        plan.problems().forEach(problem -> out.println("problem: " + TerminalText.plain(problem)));
        out.println();
        out.println(plan.findings() == 0 ? "sheaf check finds nothing" : "sheaf check finds " + plan.findings());
    }

    private static Optional<Duration> expected(SlicePlan slice) {
        return slice.hasExpected()
                ? Optional.of(Duration.ofSeconds(
                        slice.getExpected().getSeconds(), slice.getExpected().getNanos()))
                : Optional.empty();
    }

    private static ObjectNode json(Plan plan) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode slices = root.putArray("slices");
        for (SlicePlan slice : plan.slices()) {
            ObjectNode node = slices.addObject();
            node.put("platform", Words.of(slice.getPlatform()));
            if (!slice.getAgent().isEmpty()) {
                node.put("agent", slice.getAgent());
            }
            node.put("reason", slice.getReason());
            node.put("ahead", slice.getAhead());
            expected(slice).ifPresent(time -> {
                node.put("expectedMillis", time.toMillis());
                node.put("expectedFromSlices", slice.getCounted());
                node.put("expectedFromSameContext", slice.getSameContext());
            });
            ArrayNode able = node.putArray("able");
            for (AbleAgent agent : slice.getAbleList()) {
                able.addObject()
                        .put("agent", agent.getName())
                        .put("freeSlots", agent.getFreeSlots())
                        .put("slots", agent.getSlots())
                        .put("emulated", agent.getEmulated());
            }
        }
        ArrayNode bases = root.putArray("bases");
        for (BaseImage base : plan.bases()) {
            ObjectNode node = bases.addObject();
            node.put("reference", base.reference().toString());
            node.put("digest", base.digest().value());
            ArrayNode platforms = node.putArray("platforms");
            base.platforms().forEach(platform -> platforms.add(platform.toString()));
        }
        ArrayNode problems = root.putArray("problems");
        plan.problems().forEach(problems::add);
        root.put("findings", plan.findings());
        return root;
    }
}
