package dev.sheaf.cli.image;

import dev.sheaf.image.registry.RegistryException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does the same for many things, some of them at a time. */
public final class SideBySide {
    private SideBySide() {}

    /** What is done for each. */
    @FunctionalInterface
    public interface Task<A, B> {
        B run(A thing) throws RegistryException, InterruptedException;
    }

    /** The results in the order of the things. The first failure ends all. */
    public static <A, B> List<B> map(List<A> things, int atATime, Task<A, B> task)
            throws RegistryException, InterruptedException {
        try (ExecutorService threads = Executors.newFixedThreadPool(
                atATime, Thread.ofVirtual().name("registry-", 0).factory())) {
            try {
                List<Future<B>> running = new ArrayList<>();
                for (A thing : things) {
                    running.add(threads.submit(() -> task.run(thing)));
                }
                List<B> results = new ArrayList<>();
                for (Future<B> one : running) {
                    results.add(one.get());
                }
                return results;
            } finally {
                threads.shutdownNow(); // before close, which waits for what still runs
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RegistryException failure) {
                throw failure;
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("a task ended without a result", e);
        }
    }
}
