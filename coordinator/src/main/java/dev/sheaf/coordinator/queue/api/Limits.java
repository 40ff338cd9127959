package dev.sheaf.coordinator.queue.api;

import java.time.Duration;
import java.time.Instant;

/**
 * Every bound of the queue.
 *
 * @param times how long things last
 * @param attempts tries of one slice
 * @param openBuilds builds that have not ended
 * @param openSlices slices of those builds
 * @param endedBuilds builds remembered after their end; the oldest are forgotten first
 * @param agents names remembered
 */
public record Limits(Times times, int attempts, int openBuilds, int openSlices, int endedBuilds, int agents) {

    /**
     * How long things last.
     *
     * @param lease a lease lives without renewal
     * @param nameHold an agent's name stays its process's after its last call, unless its connection ended
     * @param sameAgentBackOff a slice waits before it returns to an agent that failed it
     * @param agentGrace a queued slice waits for an agent that proves its platform, if the request does not say
     * @param agentMemory an agent is listed after its last call
     * @param attachmentsWait a build waits for credentials that were lost when the coordinator was started anew
     * @param tagCheck between two looks at a tag that was moved lately
     * @param tagWatch a tag is looked after since it was moved
     * @param retryLimit the longest wait after a registry's failure, before the next attempt, or the next try to verify or
     *     to publish
     * @param publishTrouble no try to publish begins later than this after the first that failed
     */
    public record Times(
            Duration lease,
            Duration nameHold,
            Duration sameAgentBackOff,
            Duration agentGrace,
            Duration agentMemory,
            Duration attachmentsWait,
            Duration tagCheck,
            Duration tagWatch,
            Duration retryLimit,
            Duration publishTrouble) {

        /**
         * How long a slice waits after a registry failed an attempt: 5 s, then four times as long each time, up to the
         * limit. A registry that starts anew is back within half a minute.
         *
         * @param attempts made so far, at least 1
         */
        public Duration registryPause(int attempts) {
            Duration wait = FIRST_PAUSE.multipliedBy(1L << Math.min(2 * (attempts - 1), DOUBLINGS));
            return wait.compareTo(retryLimit) < 0 ? wait : retryLimit;
        }

        /**
         * When to try a registry again: twice as long each time, up to the limit.
         *
         * @param tries made so far, at least 1
         */
        public Instant nextTry(Instant now, int tries) {
            Duration wait = FIRST_RETRY.multipliedBy(1L << Math.min(tries - 1, DOUBLINGS));
            return now.plus(wait.compareTo(retryLimit) < 0 ? wait : retryLimit);
        }
    }

    private static final Duration FIRST_RETRY = Duration.ofMillis(500);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final int DOUBLINGS = 20;

    /** Tries to verify one slice before its registry's failure ends the build. */
    public static final int REGISTRY_TRIES = 12;

    /** What a farm runs with unless told otherwise. */
    public static Limits defaults() {
        Times times = new Times(
                Duration.ofSeconds(20),
                Duration.ofSeconds(5),
                Duration.ofSeconds(3),
                Duration.ofMinutes(2),
                Duration.ofMinutes(10),
                Duration.ofMinutes(10),
                Duration.ofMinutes(1),
                Duration.ofMinutes(10),
                Duration.ofSeconds(30),
                Duration.ofMinutes(5));
        return new Limits(times, 3, 1_000, 10_000, 1_000, 1_000);
    }
}
