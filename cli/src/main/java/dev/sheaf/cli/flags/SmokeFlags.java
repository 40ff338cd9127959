package dev.sheaf.cli.flags;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.v1.Smoke;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --smoke} and {@code --smoke-timeout}. */
public final class SmokeFlags {
    private static final Duration LONGEST = Duration.ofHours(1);

    @Option(
            names = "--smoke",
            paramLabel = "COMMAND",
            description = "Run this in each image on the machine that built it, without network, before any tag moves;"
                    + " a failure ends the build. Split into words as a shell does, and run without one.")
    private @Nullable String command;

    @Option(
            names = "--smoke-timeout",
            paramLabel = "DURATION",
            description = "How long the --smoke command may run, such as 90s or 5m (default 60s, at most 1h).")
    private @Nullable String timeout;

    /** What the flags ask for, checked. */
    public Optional<Smoke> read(boolean push) throws CliException {
        if (command == null) {
            if (timeout != null) {
                throw CliException.user("--smoke-timeout is for --smoke, which is not given");
            }
            return Optional.empty();
        }
        if (!push) {
            throw CliException.user("--smoke runs the image that was pushed: add --push, or drop --smoke");
        }
        List<String> words = CommandWords.split("--smoke", command);
        if (words.isEmpty() || words.getFirst().isEmpty()) {
            throw CliException.user("--smoke needs a command, such as --smoke 'app --version'");
        }
        Smoke.Builder smoke = Smoke.newBuilder().addAllCommand(words);
        if (timeout != null) {
            Duration limit = DurationText.read("--smoke-timeout", timeout);
            if (limit.isZero() || limit.compareTo(LONGEST) > 0) {
                throw CliException.user("--smoke-timeout " + timeout + " is not between 1s and 1h");
            }
            smoke.setTimeout(com.google.protobuf.Duration.newBuilder().setSeconds(limit.toSeconds()));
        }
        return Optional.of(smoke.build());
    }
}
