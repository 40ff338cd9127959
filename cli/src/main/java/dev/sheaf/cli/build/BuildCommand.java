package dev.sheaf.cli.build;

import dev.sheaf.cli.client.CoordinatorClient;
import dev.sheaf.cli.client.CoordinatorFlag;
import dev.sheaf.cli.flags.SourceArguments;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sheaf build}. */
@Command(
        name = "build",
        header = "Build an image for several platforms, each on a machine that runs it natively.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sheaf build --platform linux/amd64,linux/arm64 -t registry.example.com/app:1 --push .",
            "  sheaf build --target test --progress plain .",
            "  sheaf build -t registry.example.com/app:1 --push --smoke 'app --version' .",
            "  sheaf build --locked -t registry.example.com/app:1 --push .",
            "  sheaf build -t registry.example.com/app:1 --push --secret id=token,env=TOKEN https://github.com/me/app.git",
            "  tar c . | sheaf build -f docker/Dockerfile -",
            "  sheaf attach $(sheaf build --detach -t registry.example.com/app:1 --push .)",
            "",
            "Exit codes: 0 built; 1 the Dockerfile, the context or the flags; 65 not what was asked for, or not for its",
            "platform inside; 69 the farm is unreachable or its machines failed; 75 no capacity, try later; 76 the",
            "registry failed; 77 the registry refused the credentials; 130 cancelled."
        })
public final class BuildCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    private BuildFlags flags = new BuildFlags();

    @Mixin
    private ResultFlags results = new ResultFlags();

    @Mixin
    private CoordinatorFlag coordinator = new CoordinatorFlag();

    public BuildCommand(Shell shell) {
        this.shell = shell;
    }

    /** The arguments after "build" in the form that this command parses; refuses flags that it does not have. */
    public static List<String> arguments(List<String> written) throws CliException {
        return BuildArguments.normalise(written);
    }

    @Override
    public Integer call() throws CliException, InterruptedException {
        BuildOptions options = new OptionsReader(flags, results, shell, SourceArguments.machine()).read();
        try (CoordinatorClient client = coordinator.connect(shell)) {
            return new BuildRun(options, client, shell).run().number();
        }
    }
}
