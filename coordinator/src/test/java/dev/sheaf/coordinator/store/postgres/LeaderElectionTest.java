package dev.sheaf.coordinator.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sheaf.coordinator.leader.Candidate;
import dev.sheaf.coordinator.leader.Claim;
import dev.sheaf.coordinator.leader.Followers;
import dev.sheaf.coordinator.leader.LeaderElection;
import dev.sheaf.coordinator.leader.LeaderRow;
import dev.sheaf.coordinator.leader.Timing;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.coordinator.store.History;
import dev.sheaf.coordinator.store.Store;
import dev.sheaf.coordinator.store.StoreException;
import dev.sheaf.coordinator.store.StoreException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Two coordinators on a real PostgreSQL. */
final class LeaderElectionTest {
    @Test
    void leaderThatStopsRenewing_isFollowedAndCannotWrite() throws Exception {
        try (PostgresShelf shelf = PostgresShelf.make();
                PostgresDatabase database = PostgresDatabase.open(shelf.settings())) {
            Hearing first = new Hearing();
            Frozen row = new Frozen(database.leaderRow());
            Hearing second = new Hearing();
            try (LeaderElection a = election(row, "a", first)) {
                a.start();
                assertThat(first.next()).isEqualTo("lead 1");
                Store store = database.store(1);
                List<Decision> decisions = new History(1).next(5);
                store.append(decisions);
                try (LeaderElection b = election(database.leaderRow(), "b", second)) {
                    b.start();
                    assertThat(second.next()).isEqualTo("follow a:1");
                    assertThat(b.current().orElseThrow().address()).isEqualTo("a:1");
                    assertThat(a.isLeading()).isTrue();
                    assertThat(b.isLeading()).isFalse();
                    row.isFrozen = true;
                    long start = System.nanoTime();
                    String news = second.next();
                    while (!news.startsWith("lead")) {
                        news = second.next();
                    }
                    assertThat(news).isEqualTo("lead 2");
                    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
                    assertThat(a.isLeading()).isFalse();
                    assertThat(first.next()).isEqualTo("follow nobody");
                    StoreException refused = catchThrowableOfType(
                            StoreException.class, () -> store.append(new History(2, "b", store.load()).next(5)));
                    assertThat(refused.kind()).isEqualTo(Kind.SUPERSEDED);
                    assertThat(database.store(2).load().builds()).isNotEmpty();
                }
            }
        }
    }

    @Test
    void leaderThatCloses_isFollowedAtOnce() throws Exception {
        try (PostgresShelf shelf = PostgresShelf.make();
                PostgresDatabase database = PostgresDatabase.open(shelf.settings())) {
            Hearing second = new Hearing();
            LeaderElection a = election(database.leaderRow(), "a", new Hearing());
            a.start();
            try (LeaderElection b = election(database.leaderRow(), "b", second)) {
                while (!a.isLeading()) {
                    Thread.onSpinWait();
                }
                b.start();
                assertThat(second.next()).isEqualTo("follow a:1");
                long start = System.nanoTime();
                a.close();
                assertThat(a.isLeading()).isFalse();
                String news = second.next();
                assertThat(news).isIn("lead 2", "follow nobody");
                assertThat(news.equals("lead 2") ? news : second.next()).isEqualTo("lead 2");
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
            }
        }
    }

    @Test
    void leaderThatCannotRenew_stopsReachingOut_beforeItStopsLeading() throws Exception {
        Hearing leader = new Hearing();
        AtomicLong clock = new AtomicLong();
        LeaderRow granted = new LeaderRow() {
            @Override
            public Claim claim(Candidate candidate, Duration time) {
                return new Claim.Taken(7);
            }

            @Override
            public boolean renew(Candidate candidate, long epoch, Duration time) {
                throw new StoreException(Kind.UNAVAILABLE, "cut off");
            }

            @Override
            public void release(Candidate candidate, long epoch) {
                // nobody asks
            }
        };
        LeaderElection election =
                new LeaderElection(granted, new Candidate("a", "a:1"), Timing.DEFAULT, clock::get, leader);
        try (election) {
            election.start();
            assertThat(leader.next()).isEqualTo("lead 7");
            clock.set(Duration.ofMillis(3_400).toNanos());
            assertThat(leader.reaches.getAsBoolean()).isTrue();
            clock.set(Duration.ofMillis(3_500).toNanos());
            assertThat(leader.reaches.getAsBoolean()).isFalse();
            assertThat(election.isLeading()).isTrue();
        }
        assertThat(leader.reaches.getAsBoolean()).isFalse();
    }

    private static LeaderElection election(LeaderRow row, String id, Followers followers) {
        return new LeaderElection(row, new Candidate(id, id + ":1"), Timing.DEFAULT, System::nanoTime, followers);
    }

    private static final class Hearing implements Followers {
        private final BlockingQueue<String> news = new LinkedBlockingQueue<>();
        private volatile BooleanSupplier reaches = () -> false;

        @Override
        public void lead(long epoch, BooleanSupplier lasts) {
            reaches = lasts;
            news.add("lead " + epoch);
        }

        @Override
        public void follow(Optional<Claim.Leader> leader) {
            news.add("follow " + leader.map(Claim.Leader::address).orElse("nobody"));
        }

        String next() throws InterruptedException {
            String next = news.poll(20, TimeUnit.SECONDS);
            return next == null ? "silence" : next;
        }
    }

    /** Cut off from the database when the test says so. */
    private static final class Frozen implements LeaderRow {
        private final LeaderRow real;
        private volatile boolean isFrozen;

        Frozen(LeaderRow real) {
            this.real = real;
        }

        @Override
        public Claim claim(Candidate candidate, Duration time) {
            requireThawed();
            return real.claim(candidate, time);
        }

        @Override
        public boolean renew(Candidate candidate, long epoch, Duration time) {
            requireThawed();
            return real.renew(candidate, epoch, time);
        }

        @Override
        public void release(Candidate candidate, long epoch) {
            requireThawed();
            real.release(candidate, epoch);
        }

        private void requireThawed() {
            if (isFrozen) {
                throw new StoreException(Kind.UNAVAILABLE, "cut off");
            }
        }
    }
}
