package dev.sheaf.cli.build;

import dev.sheaf.cli.architecture.VerifyArchFlag;
import dev.sheaf.cli.flags.SmokeFlags;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The flags of {@code sheaf build} as they were written. Their names and values are docker buildx build's. */
final class BuildFlags {
    @Parameters(
            arity = "1",
            paramLabel = "PATH|URL|-",
            description = "Directory, git or HTTP URL, or \"-\" for a tar archive or a Dockerfile on standard input.")
    String source = "";

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH",
            description = "Platforms to build, comma-separated or repeated (env DOCKER_DEFAULT_PLATFORM; default:"
                    + " this machine's). Each is built on a machine that runs it natively.")
    List<String> platforms = new ArrayList<>();

    @Option(
            names = {"-t", "--tag"},
            paramLabel = "NAME[:TAG]",
            description = "Name of the image, with registry and tag; repeatable. All move together, at the end.")
    List<String> tags = new ArrayList<>();

    @Option(
            names = "--push",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Push, join the platforms under one index, and move the tags. Without: build as a check.")
    boolean push;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "Dockerfile (default PATH/Dockerfile); \"-\" for standard input.")
    @Nullable String file;

    @Option(
            names = "--build-arg",
            paramLabel = "NAME[=VALUE]",
            description = "Build argument; without a value, the environment variable's. Repeatable.")
    List<String> buildArgs = new ArrayList<>();

    @Option(names = "--target", paramLabel = "STAGE", description = "Stage to build (default: the last).")
    String target = "";

    @Option(names = "--label", paramLabel = "NAME=VALUE", description = "Label of the image; repeatable.")
    List<String> labels = new ArrayList<>();

    @Option(
            names = "--no-cache",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Run every step again.")
    boolean noCache;

    @Option(
            names = "--pull",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Look for newer base images.")
    boolean pull;

    @Option(
            names = "--secret",
            paramLabel = "id=ID[,src=FILE|,env=NAME]",
            description = "Secret for RUN --mount=type=secret; held in memory only. Repeatable.")
    List<String> secrets = new ArrayList<>();

    @Option(
            names = "--provenance",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "MODE",
            description = "Provenance attestation: true, false, mode=min or mode=max (default mode=min with --push).")
    @Nullable String provenance;

    @Mixin
    VerifyArchFlag verifyArch = new VerifyArchFlag();

    @Mixin
    SmokeFlags smoke = new SmokeFlags();

    @Option(
            names = "--write-lock",
            arity = "0..1",
            fallbackValue = "sheaf.lock",
            paramLabel = "FILE",
            description = "Write into a lock file what the base images' references point to now (default FILE:"
                    + " sheaf.lock).")
    @Nullable String writeLock;

    @Option(
            names = "--locked",
            arity = "0..1",
            fallbackValue = "sheaf.lock",
            paramLabel = "FILE",
            description = "Take the base images that a lock file names, and no others (default FILE: sheaf.lock).")
    @Nullable String locked;

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            description = "How long to wait for an agent that runs a platform natively when none is there, such as"
                    + " 90s, 10m or 1h30m (default: not at all).")
    @Nullable String wait;

    @Option(
            names = "--detach",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Send the whole context, submit, print the build's id and leave: the farm builds on by"
                    + " itself. sheaf attach shows it.")
    boolean detach;
}
