package dev.sheaf.coordinator.log;

/**
 * What the logs may take.
 *
 * @param outputBytes output of the steps of one slice that is kept, in bytes; the rest is dropped and counted
 * @param progressBytes everything else that the engine reports of one slice, in bytes; the rest is dropped
 * @param builds logs kept; the log of the build that began longest ago goes first, once it has ended
 */
public record LogLimits(long outputBytes, long progressBytes, int builds) {
    private static final long MIB = 1024L * 1024;

    /** 64 MiB of output, 32 MiB of progress, 1,000 builds. */
    public static final LogLimits DEFAULT = new LogLimits(64 * MIB, 32 * MIB, 1000);

    /** Checks that there is room for something. */
    public LogLimits {
        if (outputBytes <= 0 || progressBytes <= 0 || builds <= 0) {
            throw new IllegalArgumentException("log limits must be positive");
        }
    }
}
