package dev.sheaf.cli.build;

import dev.sheaf.cli.output.ResultFiles;
import dev.sheaf.cli.progress.ProgressMode;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a build is shown, and where its result is written: the same for all commands that follow one to its end. */
final class ResultFlags {
    @Option(
            names = "--progress",
            paramLabel = "MODE",
            description = "auto, plain, tty, quiet or rawjson, on standard error (env BUILDKIT_PROGRESS).")
    private @Nullable String progress;

    @Option(
            names = {"-q", "--quiet"},
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Print only the digest of the result.")
    private boolean quiet;

    @Option(
            names = "--metadata-file",
            paramLabel = "FILE",
            description =
                    "Write what was built as JSON, on success: buildx's containerimage.digest,"
                            + " containerimage.descriptor, image.name and buildx.build.ref, and sheaf.build with each platform's.")
    private @Nullable String metadataFile;

    @Option(names = "--iidfile", paramLabel = "FILE", description = "Write the digest of the result, on success.")
    private @Nullable String iidFile;

    /** What the flags ask for, checked. */
    record Wanted(ProgressMode progress, boolean quiet, ResultFiles files) {
        boolean hasFiles() {
            return files.metadata().isPresent() || files.imageId().isPresent();
        }
    }

    Wanted read(Shell shell) throws CliException {
        return new Wanted(
                mode(shell),
                quiet,
                new ResultFiles(
                        Optional.ofNullable(metadataFile).map(shell.directory()::resolve),
                        Optional.ofNullable(iidFile).map(shell.directory()::resolve)));
    }

    private ProgressMode mode(Shell shell) throws CliException {
        String written = progress;
        if (quiet) {
            if (written != null && !written.equals("auto") && !written.equals("quiet")) {
                throw CliException.user("--quiet and --progress " + written + " exclude each other; drop one");
            }
            return ProgressMode.QUIET;
        }
        return ProgressMode.parse(
                written != null ? written : shell.variable("BUILDKIT_PROGRESS").orElse("auto"));
    }

    /** A flag that may stand alone never takes the next argument. */
    static List<String> normalise(List<String> arguments) {
        return arguments.stream()
                .map(argument -> argument.equals("-q") || argument.equals("--quiet") ? "--quiet=true" : argument)
                .toList();
    }
}
