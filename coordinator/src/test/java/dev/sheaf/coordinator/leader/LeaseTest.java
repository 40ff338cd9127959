package dev.sheaf.coordinator.leader;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Candidates in virtual time: paused, cut off, killed and with clocks that run differently. */
final class LeaseTest {
    private static final Timing TIMING = Timing.DEFAULT;
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @Test
    void manyHistories_neverTwoLeadersAndOneSoonAfterTheLast() {
        for (long seed = 0; seed < 2_000; seed++) {
            new World(seed, TIMING.trusted()).run();
        }
    }

    /** A leader that trusts its lease for longer than it has it must be found out. */
    @Test
    void manyHistories_leaderThatTrustsTooLong_isFoundOut() {
        int found = 0;
        for (long seed = 0; seed < 200; seed++) {
            try {
                new World(seed, TIMING.lease().plusSeconds(4)).run();
            } catch (AssertionError e) {
                found++;
            }
        }
        assertThat(found).isPositive();
    }

    @Test
    void lease_thatEndedDuringARenewal_staysEnded() {
        Lease lease = Lease.NONE.claimed(0, new Claim.Taken(3), TIMING);
        assertThat(lease.isHeld(5 * SECOND)).isTrue();
        assertThat(lease.isHeld(6 * SECOND)).isFalse();
        assertThat(lease.renewed(5 * SECOND, true, 7 * SECOND, TIMING)).isEqualTo(Lease.NONE);
        assertThat(lease.renewed(2 * SECOND, false, 2 * SECOND, TIMING)).isEqualTo(Lease.NONE);
        assertThat(lease.passed(4 * SECOND)).isEqualTo(lease);
        assertThat(lease.passed(6 * SECOND)).isEqualTo(Lease.NONE);
    }

    /** One row, some candidates, ten minutes of chaos. */
    private static final class World {
        private static final long TICK = SECOND / 10;

        private final Random random;
        private final Timing timing;
        private final List<Node> nodes = new ArrayList<>();
        private long now;
        private long rowUntil;
        private long rowEpoch;
        private int rowHolder = -1;
        private long lastLed;

        World(long seed, Duration trusted) {
            this.random = new Random(seed);
            this.timing = trusted.compareTo(TIMING.lease()) < 0
                    ? TIMING
                    : new Timing(trusted.plusSeconds(1), trusted, TIMING.renewal(), TIMING.retry(), TIMING.reach());
            for (int i = 0; i < 3; i++) {
                nodes.add(new Node(i, 0.99 + 0.02 * random.nextDouble()));
            }
        }

        void run() {
            for (int i = 0; i < 1_200; i++) {
                now += TICK;
                boolean isQuiet = i > 900;
                for (Node node : nodes) {
                    node.tick(isQuiet);
                }
                long leading = nodes.stream()
                        .filter(node -> node.lease.isHeld(node.clock()))
                        .count();
                assertThat(leading).as("leaders at %s", now).isLessThanOrEqualTo(1);
                lastLed = leading > 0 ? now : lastLed;
            }
            assertThat(now - lastLed).isLessThan(8 * SECOND);
        }

        /** The database's side; its own clock is the world's. */
        private Claim claim(int id) {
            if (rowUntil <= now) {
                rowHolder = id;
                rowEpoch++;
                rowUntil = now + TIMING.lease().toNanos();
                return new Claim.Taken(rowEpoch);
            }
            return new Claim.Refused(Optional.of(new Claim.Leader(rowEpoch, "node-" + rowHolder, "")));
        }

        private boolean renew(int id, long epoch) {
            boolean isKept = rowHolder == id && rowEpoch == epoch;
            rowUntil = isKept ? now + TIMING.lease().toNanos() : rowUntil;
            return isKept;
        }

        private final class Node {
            private final int id;
            private final double rate;
            private Lease lease = Lease.NONE;
            private long pausedUntil;
            private long nextCall;
            private long answerAt = -1;
            private long sent;
            private Optional<Claim> claim = Optional.empty();
            private boolean isKept;
            private boolean isLost;

            Node(int id, double rate) {
                this.id = id;
                this.rate = rate;
            }

            long clock() {
                return (long) (now * rate);
            }

            void tick(boolean isQuiet) {
                if (!isQuiet && random.nextInt(300) == 0) {
                    pausedUntil = now + random.nextLong(20 * SECOND);
                }
                if (now < pausedUntil) {
                    return;
                }
                if (answerAt >= 0) {
                    if (now >= answerAt) {
                        answer();
                    }
                } else if (now >= nextCall) {
                    call(isQuiet);
                }
            }

            private void call(boolean isQuiet) {
                sent = clock();
                answerAt = now + (isQuiet ? 0 : random.nextLong(2 * SECOND));
                isLost = !isQuiet && random.nextInt(5) == 0;
                boolean isHeld = lease.isHeld(sent);
                claim = Optional.empty();
                if (!isLost || random.nextBoolean()) { // a lost answer, or a lost call
                    if (isHeld) {
                        isKept = renew(id, lease.epoch());
                    } else {
                        claim = Optional.of(claim(id));
                    }
                }
            }

            private void answer() {
                answerAt = -1;
                if (isLost) {
                    lease = lease.passed(clock());
                } else if (claim.isPresent()) {
                    lease = Lease.NONE.claimed(sent, claim.get(), timing).passed(clock());
                } else {
                    lease = lease.renewed(sent, isKept, clock(), timing);
                }
                nextCall = now + (lease.epoch() > 0 ? TIMING.renewal() : TIMING.retry()).toNanos();
            }
        }
    }
}
