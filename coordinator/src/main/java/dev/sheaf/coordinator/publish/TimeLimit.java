package dev.sheaf.coordinator.publish;

import dev.sheaf.image.registry.RegistryException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Bounds a whole conversation with registries, however many calls, pauses and drops of bytes it has. */
public record TimeLimit(Duration limit) {
    /** Calls of registries. */
    @FunctionalInterface
    public interface Conversation<T> {
        /** To its end. */
        T hold() throws RegistryException, InterruptedException;
    }

    /** Holds the conversation; when this returns, it is over: a late one was interrupted and has stopped. */
    public <T> T hold(String what, Conversation<T> conversation) throws RegistryException, InterruptedException {
        try (ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<T> answer = thread.submit(conversation::hold);
            try {
                return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                throw new RegistryException.Unavailable(
                        what + " did not come to an end within " + limit.toSeconds() + " s");
            } catch (ExecutionException e) {
                throw failed(e.getCause());
            } finally {
                answer.cancel(true);
            }
        }
    }

    private static RegistryException failed(@Nullable Throwable cause) throws InterruptedException {
        return switch (cause) {
            case RegistryException e -> e;
            case InterruptedException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case null, default -> throw new IllegalStateException("a conversation with a registry broke", cause);
        };
    }
}
