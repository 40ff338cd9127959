package dev.sheaf.agent.engine.supervised;

import java.time.Duration;
import java.time.Instant;

/**
 * When a container that ended is started again: the first time at once, then after 2, 4, 8 s and so on, up to a minute.
 * One that ran for a while is forgiven what was before.
 *
 * @param starts since it last ran for a while
 * @param last when it was last started
 */
record Restarts(int starts, Instant last) {

    static final Restarts NONE = new Restarts(0, Instant.EPOCH);

    private static final Duration A_WHILE = Duration.ofMinutes(5);
    private static final long LONGEST_SECONDS = 60;
    private static final int FREE = 2; // the first start, and one more

    Restarts started(Instant now) {
        return new Restarts(forgiven(now) ? 1 : starts + 1, now);
    }

    /** Zero: now. */
    Duration pause(Instant now) {
        if (starts < FREE || forgiven(now)) {
            return Duration.ZERO;
        }
        Instant next = last.plusSeconds(Math.min(LONGEST_SECONDS, 1L << Math.min(starts - FREE + 1, 30)));
        return now.isBefore(next) ? Duration.between(now, next) : Duration.ZERO;
    }

    private boolean forgiven(Instant now) {
        return starts == 0 || !now.isBefore(last.plus(A_WHILE));
    }
}
