package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.agents.AgentDescription;
import dev.sheaf.coordinator.agents.Assignment;
import dev.sheaf.coordinator.agents.Incarnation;
import dev.sheaf.coordinator.agents.SyncAnswer;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.Outcome;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An agent as it should be: self-fencing, one call at a time, deaf to fences it has seen. Times in milliseconds. */
final class SimAgent {
    static final class Work {
        final LeaseId lease;
        long leaseEnds;
        Optional<Outcome> outcome = Optional.empty();

        Work(LeaseId lease, long leaseEnds) {
            this.lease = lease;
            this.leaseEnds = leaseEnds;
        }
    }

    final AgentDescription description;
    final Map<Long, Work> work = new TreeMap<>();
    private final Map<Long, Long> sentAt = new HashMap<>();
    private final Set<Long> seen = new HashSet<>();
    int process;
    long startedAt = 1;
    long sequence;
    long asleepUntil;
    boolean isDown;
    /** Sent last by the process that lives; null: it has sent none. */
    @Nullable SyncCall lastCall;

    SimAgent(AgentDescription description) {
        this.description = description;
    }

    SyncCall call(long now) {
        selfFence(now);
        sequence++;
        sentAt.put(sequence, now);
        List<SyncCall.Held> held = work.values().stream()
                .map(item -> new SyncCall.Held(item.lease, item.outcome))
                .toList();
        SyncCall call = new SyncCall(
                new Incarnation(description.id() + "-" + process, startedAt), sequence, description, held, false);
        lastCall = call;
        return call;
    }

    /** Takes an answer; returns what to start. Answers to earlier calls are not heard any more. */
    List<Assignment> hear(long now, SyncCall call, SyncAnswer answer) {
        if (call.sequence() != sequence || !isMine(call)) {
            return List.of();
        }
        long ends = sentAt.getOrDefault(sequence, 0L) + answer.leaseTime().toMillis() * 9 / 10;
        answer.renewed()
                .forEach(fence -> Optional.ofNullable(work.get(fence)).ifPresent(item -> item.leaseEnds = ends));
        answer.stop().forEach(work::remove);
        answer.settled().forEach(work::remove);
        List<Assignment> fresh = answer.assignments().stream()
                .filter(assignment -> seen.add(assignment.lease().fence()))
                .toList();
        fresh.forEach(item -> work.put(item.lease().fence(), new Work(item.lease(), ends)));
        selfFence(now);
        return fresh;
    }

    void selfFence(long now) {
        for (Work item : work.values()) {
            if (item.outcome.isEmpty() && now >= item.leaseEnds) {
                item.outcome = Optional.of(new Outcome.Stopped("could not renew"));
            }
        }
    }

    /** Whether the process that lives now sent this call. */
    boolean isMine(SyncCall call) {
        return call.incarnation().id().endsWith("-" + process);
    }

    void crash(long now) {
        startedAt = now + 1;
        work.clear();
        sentAt.clear();
        seen.clear();
        process++;
        sequence = 0;
        lastCall = null;
    }
}
