package dev.sheaf.agent.session;

import dev.sheaf.agent.slice.SliceRunner;
import dev.sheaf.v1.Assignment;
import dev.sheaf.v1.Failure;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.Outcome;
import dev.sheaf.v1.Stopped;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The attempts that run, each on a thread of its own; stopping one interrupts it. */
final class Attempts {
    private final SliceRunner runner;
    private final Ended ended;
    private final Map<Long, Thread> running = new ConcurrentHashMap<>();

    /** Hears how attempts end. */
    @FunctionalInterface
    interface Ended {
        void ended(long fence, Outcome outcome);
    }

    Attempts(SliceRunner runner, Ended ended) {
        this.runner = runner;
        this.ended = ended;
    }

    void start(Assignment assignment) {
        long fence = assignment.getLease().getFence();
        Thread thread = Thread.ofVirtual().name("attempt-" + fence).unstarted(() -> run(assignment));
        running.put(fence, thread);
        thread.start();
    }

    void stop(long fence) {
        Thread thread = running.get(fence);
        if (thread != null) {
            thread.interrupt();
        }
    }

    /** Stops all and gives them this long to end their builds on the engine. */
    void stopAll(Duration patience) throws InterruptedException {
        running.values().forEach(Thread::interrupt);
        for (Thread thread : running.values()) {
            if (!thread.join(patience)) {
                return;
            }
        }
    }

    private void run(Assignment assignment) {
        long fence = assignment.getLease().getFence();
        // What is told if the runner dies of something that nobody expects, such as a lack of memory.
        Outcome outcome = Outcome.newBuilder()
                .setFailed(Failure.newBuilder()
                        .setKind(FailureClass.FAILURE_CLASS_INFRASTRUCTURE)
                        .setMessage("the attempt died inside the agent; the agent's output says more")
                        .setPlatform(assignment.getLease().getPlatform()))
                .build();
        try {
            outcome = runner.run(assignment);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            outcome = Outcome.newBuilder()
                    .setStopped(Stopped.newBuilder().setReason("the attempt was stopped"))
                    .build();
        } finally {
            running.remove(fence);
            ended.ended(fence, outcome);
        }
    }
}
