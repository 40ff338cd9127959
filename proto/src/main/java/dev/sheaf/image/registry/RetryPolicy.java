package dev.sheaf.image.registry;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How often and how patiently calls are repeated when a registry is unavailable: the pause doubles from {@code base} up
 * to {@code cap}, and jitter (a number from 0 to 1) takes up to half of it away, so that many callers do not come back
 * at the same moment. A registry that asks for another pause gets it, up to two minutes.
 */
public record RetryPolicy(int attempts, Duration base, Duration cap, DoubleSupplier jitter, Sleeper sleeper) {
    /** The longest pause that a registry gets by asking, whatever it asks for. */
    public static final Duration MAX_RETRY_AFTER = Duration.ofSeconds(120);

    /** Refuses a policy that never tries. */
    public RetryPolicy {
        if (attempts < 1) {
            throw new IllegalArgumentException("a call needs at least one attempt, not " + attempts);
        }
    }

    /** Five attempts within about eight seconds. */
    public static RetryPolicy standard(DoubleSupplier jitter, Sleeper sleeper) {
        return new RetryPolicy(5, Duration.ofMillis(500), Duration.ofSeconds(5), jitter, sleeper);
    }

    /** Waits; {@code Thread::sleep} outside tests. */
    @FunctionalInterface
    public interface Sleeper {
        /** Returns after this long. */
        void sleep(Duration pause) throws InterruptedException;
    }

    @FunctionalInterface
    interface Call<T> {
        T run() throws RegistryException, InterruptedException;
    }

    <T> T run(Call<T> call) throws RegistryException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return call.run();
            } catch (RegistryException.Unavailable e) {
                if (attempt >= attempts) {
                    throw e;
                }
                Duration pause = e.retryAfter().orElse(backoff(attempt));
                sleeper.sleep(pause.compareTo(MAX_RETRY_AFTER) < 0 ? pause : MAX_RETRY_AFTER);
            }
        }
    }

    /** The pause after the given failed attempt, counted from 1. */
    Duration backoff(int attempt) {
        long full = base.toMillis() << Math.min(attempt - 1, 20);
        long bounded = Math.min(full, cap.toMillis());
        double share = 1 - 0.5 * Math.clamp(jitter.getAsDouble(), 0, 1);
        return Duration.ofMillis(Math.round(bounded * share));
    }
}
