package dev.sheaf.cli.build;

import dev.sheaf.cli.client.CoordinatorClient;
import dev.sheaf.cli.client.CoordinatorFlag;
import dev.sheaf.cli.flags.TagNames;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.progress.ProgressFollower;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.image.ImageReference;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.StitchRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf stitch}. */
@Command(
        name = "stitch",
        header = "Publish again what a build made: nothing is built, its platforms are joined and the tags moved.",
        description = {
            "For a build whose platforms were all built and whose index or tags could not be pushed, or to give it"
                    + " other tags. It is a new build, which comes after all that were submitted before."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Examples:", "  sheaf stitch 3f2a", "  sheaf stitch -t registry.example.com/app:2 3f2a"})
public final class StitchCommand implements Callable<Integer> {
    private final Shell shell;

    @Parameters(paramLabel = "ID", description = "The build's id, or the start of it.")
    private String id = "";

    @Option(
            names = {"-t", "--tag"},
            paramLabel = "NAME[:TAG]",
            description = "Tag to move instead of the build's, in a repository that it pushed to; repeatable.")
    private List<String> tags = new ArrayList<>();

    @Mixin
    private ResultFlags results = new ResultFlags();

    @Mixin
    private CoordinatorFlag coordinator = new CoordinatorFlag();

    public StitchCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws CliException, InterruptedException {
        ResultFlags.Wanted wanted = results.read(shell);
        List<String> named =
                TagNames.read(tags).stream().map(ImageReference::toString).toList();
        wanted.files().requireWritable();
        wanted.files().removeOld();
        try (CoordinatorClient client = coordinator.connect(shell)) {
            ProgressFollower follower = new ProgressFollower(wanted.progress(), shell);
            Build build;
            try (follower) {
                Cancellation cancellation = new Cancellation(shell, Thread.currentThread(), client, follower);
                shell.interrupts().accept(cancellation::pressed);
                StitchRequest request = request(client.get(id), named);
                String stitched = client.stitch(request);
                cancellation.submitted(stitched);
                follower.note("=> build " + TerminalText.plain(stitched) + " publishes what build "
                        + TerminalText.plain(request.getBuildId()) + " made");
                build = client.watch(stitched, follower, _ -> client.restitch(request));
                cancellation.ended();
            }
            return BuildEnd.tell(build, wanted, follower, shell).number();
        }
    }

    private StitchRequest request(Build build, List<String> named) throws CliException, InterruptedException {
        List<String> moved = named.isEmpty() ? build.getSpec().getTagsList() : named;
        BuildSpec pushes = BuildSpec.newBuilder().addAllTags(moved).build();
        return StitchRequest.newBuilder()
                .setBuildId(build.getId())
                .setIdempotencyKey(shell.uuids().get().toString())
                .addAllTags(named)
                .addAllCredentials(AttachCommand.credentials(pushes, shell))
                .build();
    }
}
