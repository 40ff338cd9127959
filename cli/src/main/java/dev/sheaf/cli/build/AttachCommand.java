package dev.sheaf.cli.build;

import dev.sheaf.cli.client.CoordinatorClient;
import dev.sheaf.cli.client.CoordinatorFlag;
import dev.sheaf.cli.credentials.CredentialException;
import dev.sheaf.cli.credentials.CredentialSelector;
import dev.sheaf.cli.credentials.DockerConfig;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.output.Words;
import dev.sheaf.cli.progress.ProgressFollower;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.v1.AttachRequest;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.RegistryCredential;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf attach}. */
@Command(
        name = "attach",
        header = "Follow a build that runs, from its beginning to its end, as sheaf build does.",
        description = {
            "Brings this machine's docker logins for the registries that its tags and build arguments name: a build"
                    + " whose coordinator was started anew waits for them. Ctrl-C leaves; the build goes on."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Examples:", "  sheaf attach 3f2a", "  sheaf attach --secret id=token,env=TOKEN 3f2a"})
public final class AttachCommand implements Callable<Integer> {
    private final Shell shell;

    @Parameters(paramLabel = "ID", description = "The build's id, or the start of it.")
    private String id = "";

    @Option(
            names = "--secret",
            paramLabel = "id=ID[,src=FILE|,env=NAME]",
            description = "Secret that the build was given, again; repeatable.")
    private List<String> secrets = new ArrayList<>();

    @Mixin
    private ResultFlags results = new ResultFlags();

    @Mixin
    private CoordinatorFlag coordinator = new CoordinatorFlag();

    public AttachCommand(Shell shell) {
        this.shell = shell;
    }

    /** The arguments after "attach" in the form that this command parses. */
    public static List<String> arguments(List<String> written) {
        return ResultFlags.normalise(written);
    }

    @Override
    public Integer call() throws CliException, InterruptedException {
        ResultFlags.Wanted wanted = results.read(shell);
        wanted.files().requireWritable();
        wanted.files().removeOld();
        try (CoordinatorClient client = coordinator.connect(shell)) {
            Build found = client.get(id);
            AttachRequest request = request(found);
            Build build;
            ProgressFollower follower = new ProgressFollower(wanted.progress(), shell);
            try (follower) {
                follower.note("=> build " + TerminalText.plain(found.getId()));
                shell.interrupts().accept(() -> leave(found, follower));
                boolean brings = request.getCredentialsCount() + request.getSecretsCount() > 0
                        && !Words.isEnd(found.getState())
                        && client.attach(request);
                build = client.watch(found.getId(), follower, known -> {
                    if (brings) {
                        var _ = client.reattach(request);
                    }
                    return known;
                });
            }
            return BuildEnd.tell(build, wanted, follower, shell).number();
        }
    }

    private void leave(Build build, ProgressFollower follower) {
        follower.note("=> left; the build goes on: sheaf attach " + TerminalText.plain(build.getId())
                + " follows it, sheaf cancel ends it");
        shell.leave().accept(ExitCode.CANCELLED);
    }

    private AttachRequest request(Build build) throws CliException, InterruptedException {
        AttachRequest.Builder request = AttachRequest.newBuilder().setBuildId(build.getId());
        for (String secret : secrets) {
            request.addSecrets(SecretFlag.read(secret, shell));
        }
        return request.addAllCredentials(credentials(build.getSpec(), shell)).build();
    }

    /** This machine's logins, as far as they can be told from the build alone: its Dockerfile is not here. */
    static List<RegistryCredential> credentials(BuildSpec spec, Shell shell) throws CliException, InterruptedException {
        try {
            Path home = Path.of(shell.variable("HOME").orElse("/"));
            CredentialSelector selector = new CredentialSelector(DockerConfig.load(shell.environment(), home));
            return spec.getContextCase() == BuildSpec.ContextCase.URL
                    ? selector.forUrl(spec.getTagsList(), spec.getBuildArgsMap())
                    : selector.forTree(spec.getTagsList(), "", spec.getBuildArgsMap());
        } catch (CredentialException e) {
            throw new CliException(ExitCode.AUTHENTICATION, String.valueOf(e.getMessage()));
        }
    }
}
