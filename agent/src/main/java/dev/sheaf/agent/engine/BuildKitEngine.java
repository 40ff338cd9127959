package dev.sheaf.agent.engine;

import dev.sheaf.agent.engine.channel.EngineAddress;
import dev.sheaf.agent.engine.channel.EngineChannels;
import dev.sheaf.agent.engine.failure.Failures;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An engine behind BuildKit's control service. */
final class BuildKitEngine implements Engine {

    /** An open connection, and what turned out to listen there. */
    record Connection(EngineAddress address, ManagedChannel channel) {}

    private final EngineAddress address;
    private final SolveMessages messages;
    private final Supplier<UUID> ids;
    private final EngineChannels channels = new EngineChannels();
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Connection connection;

    BuildKitEngine(EngineAddress address, Set<String> insecureRegistries, Supplier<UUID> ids) {
        this.address = address;
        this.messages = new SolveMessages(insecureRegistries);
        this.ids = ids;
    }

    @Override
    public EngineReport probe() throws InterruptedException {
        try {
            return new Probe(connection(), this::solve).run();
        } catch (IOException e) {
            return Probe.unusable(address.text(), String.valueOf(e.getMessage()));
        }
    }

    @Override
    public SolveResult solve(SolveRequest request, SolveListener listener) throws SolveFailure, InterruptedException {
        String reference = ids.get().toString().replace("-", "");
        try {
            return new SolveCall(connection().channel(), reference, request, listener)
                    .run(messages.request(request, reference));
        } catch (IOException e) {
            throw new SolveFailure(
                    Failures.infrastructure(String.valueOf(e.getMessage()), SolveMessages.name(request.platform())));
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (connection != null) {
                connection.channel().shutdownNow();
            }
        } finally {
            lock.unlock();
        }
        channels.close();
    }

    /** The connection, opened when first needed: an engine may start after its agent. */
    private Connection connection() throws IOException {
        lock.lock();
        try {
            Connection open = connection;
            if (open == null) {
                EngineAddress known = EngineChannels.identify(address);
                open = new Connection(known, channels.open(known));
                connection = open;
            }
            return open;
        } finally {
            lock.unlock();
        }
    }
}
