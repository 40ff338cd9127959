package dev.sheaf.coordinator.dispatch;

import dev.sheaf.coordinator.build.AgentId;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Calls that wait for news, by agent: news for one wakes nobody else. Used under its owner's lock. */
final class Waiters {
    private static final class Line {
        private final Condition news;
        private int length;

        Line(Condition news) {
            this.news = news;
        }
    }

    private final ReentrantLock lock;
    private final Map<AgentId, Line> lines = new HashMap<>();

    Waiters(ReentrantLock lock) {
        this.lock = lock;
    }

    /** Waits for a wake, or so long; may return early. */
    @SuppressWarnings("WaitNotInLoop") // the loop is the caller's
    void await(AgentId agent, long nanos) throws InterruptedException {
        Line line = lines.computeIfAbsent(agent, _ -> new Line(lock.newCondition()));
        line.length++;
        try {
            line.news.awaitNanos(nanos);
        } finally {
            line.length--;
            if (line.length == 0) {
                lines.remove(agent, line);
            }
        }
    }

    void wake(AgentId agent) {
        Line line = lines.get(agent);
        if (line != null) {
            line.news.signalAll();
        }
    }

    void wakeAll() {
        lines.values().forEach(line -> line.news.signalAll());
    }
}
