package dev.sheaf.coordinator;

import dev.sheaf.coordinator.log.LogLimits;
import dev.sheaf.coordinator.queue.api.Limits;
import picocli.CommandLine.Option;

/** What the farm takes at most; a refusal names the flag. */
final class LimitFlags {
    private static final Limits DEFAULTS = Limits.defaults();

    @Option(names = "--max-builds", paramLabel = "N", description = "Open builds. Default: 1000")
    private int builds = DEFAULTS.openBuilds();

    @Option(names = "--max-slices", paramLabel = "N", description = "Slices of open builds. Default: 10000")
    private int slices = DEFAULTS.openSlices();

    @Option(
            names = "--keep-builds",
            paramLabel = "N",
            description = "Builds, with their logs, remembered after their end. Default: 1000")
    private int kept = DEFAULTS.endedBuilds();

    @Option(names = "--max-agents", paramLabel = "N", description = "Agents known at a time. Default: 1000")
    private int agents = DEFAULTS.agents();

    @Option(names = "--max-attempts", paramLabel = "N", description = "Tries of one slice. Default: 3")
    private int attempts = DEFAULTS.attempts();

    @Option(
            names = "--max-log",
            paramLabel = "SIZE",
            defaultValue = "64MiB",
            converter = CoordinatorMain.SizeConverter.class,
            description =
                    "Output of one slice that is kept; the rest is dropped and counted. Default: ${DEFAULT-VALUE}")
    private ByteSize log = ByteSize.parse("64MiB");

    /** Throws IllegalArgumentException with one sentence. */
    Limits queue() {
        return new Limits(
                DEFAULTS.times(),
                atLeastOne("--max-attempts", attempts),
                atLeastOne("--max-builds", builds),
                atLeastOne("--max-slices", slices),
                atLeastOne("--keep-builds", kept),
                atLeastOne("--max-agents", agents));
    }

    /** A log for each build that can be asked for. */
    LogLimits logs() {
        return new LogLimits(log.bytes(), LogLimits.DEFAULT.progressBytes(), Math.addExact(builds, kept));
    }

    private static int atLeastOne(String flag, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(flag + " is at least 1, found " + value);
        }
        return value;
    }
}
