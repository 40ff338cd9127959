package dev.sheaf.cli.check;

import dev.sheaf.cli.bases.BaseLookup;
import dev.sheaf.cli.bases.BaseNeed;
import dev.sheaf.cli.bases.BaseResolution;
import dev.sheaf.cli.context.BuildContext;
import dev.sheaf.cli.context.BuildContexts;
import dev.sheaf.cli.context.ContextEnvironment;
import dev.sheaf.cli.context.ContextException;
import dev.sheaf.cli.context.ContextRequest;
import dev.sheaf.cli.context.TreeContext;
import dev.sheaf.cli.credentials.CredentialException;
import dev.sheaf.cli.credentials.CredentialSelector;
import dev.sheaf.cli.credentials.DockerConfig;
import dev.sheaf.cli.flags.SourceFlags;
import dev.sheaf.cli.lint.ContextFile;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.dockerfile.BuildSelection;
import dev.sheaf.dockerfile.Dockerfile;
import dev.sheaf.dockerfile.DockerfileException;
import dev.sheaf.v1.FileEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A Dockerfile with its context, to look at and not to build. */
final class Source {
    private static final int ANYBODY_RUNS = 0111; // mode bits

    private Source() {}

    /** Lists what a build would send; the caller closes it. */
    static TreeContext open(SourceFlags flags, Shell shell) throws CliException, InterruptedException {
        Path home = Path.of(shell.variable("HOME").orElse("/"));
        ContextEnvironment environment = new ContextEnvironment(
                shell.directory(), home, shell.environment(), shell.streams().in(), shell.clock());
        try {
            BuildContext context = new BuildContexts(environment)
                    .load(new ContextRequest(flags.source(), flags.dockerfile(), flags.target()));
            if (context instanceof TreeContext tree) {
                return tree;
            }
            context.close();
            throw CliException.user(
                    "the Dockerfile of a git context is fetched by the engines; clone it and give the" + " directory");
        } catch (ContextException e) {
            throw CliException.user(String.valueOf(e.getMessage()));
        }
    }

    /** The files that a COPY could take. */
    static List<ContextFile> files(TreeContext context) {
        List<ContextFile> files = new ArrayList<>();
        for (FileEntry entry : context.tree().getEntriesList()) {
            if (!entry.getDigest().isEmpty()) {
                files.add(new ContextFile(
                        entry.getPath(),
                        (entry.getMode() & ANYBODY_RUNS) != 0,
                        entry.getSize(),
                        () -> context.open(entry)));
            }
        }
        return files;
    }

    /** What the bases are now, as far as their registries answer this machine. */
    static BaseResolution bases(TreeContext context, BuildSelection wanted, Shell shell)
            throws CliException, DockerfileException, InterruptedException {
        List<BaseNeed> needs = BaseNeed.of(Dockerfile.parse(context.dockerfileText()), wanted);
        try {
            Path home = Path.of(shell.variable("HOME").orElse("/"));
            var logins = new CredentialSelector(DockerConfig.load(shell.environment(), home))
                    .forTree(List.of(), context.dockerfileText(), wanted.arguments());
            try (BaseLookup lookup = new BaseLookup(shell, logins)) {
                return BaseResolution.asked(needs, lookup::find);
            }
        } catch (CredentialException e) {
            throw new CliException(ExitCode.AUTHENTICATION, String.valueOf(e.getMessage()));
        }
    }
}
