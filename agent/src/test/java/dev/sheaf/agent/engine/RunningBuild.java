package dev.sheaf.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * A build whose step runs, and how and when it ends.
 *
 * @param mark what only this step has in its command line
 * @param endedAt nanoseconds as System.nanoTime() counts them
 */
record RunningBuild(Thread thread, FutureTask<Throwable> end, AtomicLong endedAt, String mark) {
    private static final int START_SECONDS = 120;

    /** Starts one, and waits until its step prints something. */
    static RunningBuild start(Engine engine, SolveRequest request, String mark, SolveListener listener)
            throws IOException, InterruptedException {
        CountDownLatch step = new CountDownLatch(1);
        AtomicLong endedAt = new AtomicLong();
        FutureTask<Throwable> end = new FutureTask<>(() -> {
            try {
                engine.solve(request, progress -> {
                    listener.progress(progress);
                    if (progress.getLogsCount() > 0) {
                        step.countDown();
                    }
                });
                return new AssertionError("the build succeeded");
            } catch (SolveFailure | InterruptedException | RuntimeException e) {
                return e;
            } finally {
                endedAt.set(System.nanoTime());
            }
        });
        RunningBuild build = new RunningBuild(Thread.ofVirtual().start(end), end, endedAt, mark);
        assertThat(step.await(START_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(build.isStepAlive()).isTrue();
        return build;
    }

    /** Whether its step still runs: a process of this machine, as the steps of all these engines are. */
    boolean isStepAlive() throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes.anyMatch(process -> {
                try {
                    return Files.readString(process.resolve("cmdline")).contains(mark);
                } catch (IOException | UncheckedIOException e) {
                    // Not a process, or gone.
                    return false;
                }
            });
        }
    }
}
