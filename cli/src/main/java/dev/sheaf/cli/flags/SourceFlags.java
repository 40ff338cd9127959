package dev.sheaf.cli.flags;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.image.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The flags of sheaf build that say what is built, for the commands that only look. */
public final class SourceFlags {
    private static final List<Platform> USUAL = List.of(Platform.of("linux", "amd64"), Platform.of("linux", "arm64"));

    @Parameters(
            arity = "0..1",
            defaultValue = ".",
            paramLabel = "PATH|URL|-",
            description = "Directory, URL, or \"-\" for a tar archive or a Dockerfile on standard input (default: .).")
    private String source = ".";

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH",
            description = "Platforms that it is for, comma-separated or repeated (env DOCKER_DEFAULT_PLATFORM; default:"
                    + " linux/amd64,linux/arm64).")
    private List<String> platforms = new ArrayList<>();

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "Dockerfile (default PATH/Dockerfile); \"-\" for standard input.")
    private @Nullable String file;

    @Option(
            names = "--build-arg",
            paramLabel = "NAME[=VALUE]",
            description = "Build argument; without a value, the environment variable's. Repeatable.")
    private List<String> buildArgs = new ArrayList<>();

    @Option(names = "--target", paramLabel = "STAGE", description = "Stage to look at (default: the last).")
    private String target = "";

    /** Which context is meant. */
    public String source() {
        return source;
    }

    /** Which Dockerfile, if not the context's own. */
    public Optional<String> dockerfile() {
        return Optional.ofNullable(file).filter(named -> !named.isEmpty());
    }

    public String target() {
        return target;
    }

    /** At least one. */
    public List<Platform> platforms(Shell shell) throws CliException {
        return SourceArguments.platforms(platforms, shell, USUAL);
    }

    public Map<String, String> buildArgs(Shell shell) throws CliException {
        return SourceArguments.buildArgs(buildArgs, shell);
    }
}
