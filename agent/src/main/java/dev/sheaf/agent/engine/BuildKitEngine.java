package dev.sheaf.agent.engine;

import dev.sheaf.agent.engine.EngineReport.Store;
import dev.sheaf.agent.engine.channel.EngineAddress;
import dev.sheaf.agent.engine.channel.EngineChannels;
import dev.sheaf.agent.engine.channel.Reach;
import dev.sheaf.agent.engine.classic.ClassicStore;
import dev.sheaf.agent.engine.classic.PushFailure;
import dev.sheaf.agent.engine.classic.TemporaryImage;
import dev.sheaf.agent.engine.failure.Failures;
import dev.sheaf.buildkit.control.ControlGrpc;
import dev.sheaf.buildkit.control.ListWorkersRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An engine behind BuildKit's control service. */
final class BuildKitEngine implements Engine {

    /**
     * An open connection, and what turned out to listen there.
     *
     * @param store where images are kept; a restarted engine may have been told another place
     * @param sameKernel whether the engine was seen to run on this machine's kernel; asked on ports only
     * @param swept whether what an earlier process left there was looked for
     * @param lost completed with the reason, for the builds that ran on it, when it is given up
     */
    record Connection(
            EngineAddress address,
            ManagedChannel channel,
            AtomicReference<Store> store,
            AtomicBoolean sameKernel,
            AtomicBoolean swept,
            CompletableFuture<String> lost) {

        static Connection of(EngineAddress address, ManagedChannel channel, Store store) {
            return new Connection(
                    address,
                    channel,
                    new AtomicReference<>(store),
                    new AtomicBoolean(),
                    new AtomicBoolean(),
                    new CompletableFuture<>());
        }
    }

    private final EngineAddress address;
    private final SolveMessages messages;
    private final Engines.Patience patience;
    private final Supplier<UUID> ids;
    private final ClassicStore classic;
    private final EngineChannels channels = new EngineChannels();
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Connection connection;

    BuildKitEngine(
            EngineAddress address, Set<String> insecureRegistries, Engines.Patience patience, Engines.Owner owner) {
        this.address = address;
        this.messages = new SolveMessages(insecureRegistries);
        this.patience = patience;
        this.ids = owner.ids();
        this.classic = new ClassicStore(owner.name(), insecureRegistries, owner.clock(), patience.answer());
    }

    @Override
    public boolean answers() {
        Connection open;
        lock.lock();
        try {
            if (connection == null) {
                return false;
            }
            open = connection;
        } finally {
            lock.unlock();
        }
        try {
            ControlGrpc.newBlockingStub(open.channel())
                    .withDeadlineAfter(patience.pulse().toMillis(), TimeUnit.MILLISECONDS)
                    .listWorkers(ListWorkersRequest.getDefaultInstance());
            return true;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    @Override
    public EngineReport probe() throws InterruptedException {
        try {
            EngineAddress known = Reach.identify(address, patience.answer());
            Connection open = connection(known);
            try {
                return new Probe(open, this::solve, classic, patience, ids).run();
            } catch (IOException e) {
                giveUp(open, String.valueOf(e.getMessage()));
                return Probe.away(address.text(), String.valueOf(e.getMessage()));
            }
        } catch (IOException e) {
            giveUp(String.valueOf(e.getMessage()));
            return Probe.away(address.text(), String.valueOf(e.getMessage()));
        }
    }

    @Override
    public SolveResult solve(SolveRequest request, SolveListener listener) throws SolveFailure, InterruptedException {
        String reference = ids.get().toString().replace("-", "");
        String platform = SolveMessages.name(request.platform());
        Connection open;
        try {
            open = connection();
        } catch (IOException e) {
            throw new SolveFailure(Failures.infrastructure(String.valueOf(e.getMessage()), platform));
        }
        try {
            return switch (open.store().get()) {
                case NONE, CONTAINERD ->
                    new SolveCall(open.channel(), reference, request, listener)
                            .run(messages.request(request, reference));
                case CLASSIC -> degraded(open, reference, request, listener);
            };
        } catch (SolveFailure e) {
            throw open.lost().isDone()
                    ? new SolveFailure(Failures.infrastructure(open.lost().join(), platform))
                    : e;
        }
    }

    /** Into the classic store, and from there under a temporary tag: all that this store can do. */
    private SolveResult degraded(Connection open, String reference, SolveRequest request, SolveListener listener)
            throws SolveFailure, InterruptedException {
        try (TemporaryImage image = named(open, reference, request)) {
            image.announce(request.spec(), listener::progress);
            SolveResult built = new SolveCall(open.channel(), reference, request, listener)
                    .run(SolveMessages.kept(request, reference, image.names()));
            return request.repositories().isEmpty()
                    ? built
                    : new SolveResult(image.push(request.credentials(), listener::progress, open.lost())
                            .value());
        } catch (PushFailure e) {
            String message = String.valueOf(e.getMessage());
            String platform = SolveMessages.name(request.platform());
            throw new SolveFailure(
                    e.isEngines()
                            ? Failures.infrastructure(message, platform)
                            : Failures.of(
                                    Status.UNKNOWN.withDescription(message),
                                    new Metadata(),
                                    platform,
                                    request.logins()));
        }
    }

    private TemporaryImage named(Connection open, String reference, SolveRequest request) throws SolveFailure {
        String attempt = request.attempt().isEmpty() ? reference : request.attempt();
        try {
            return classic.image(open.address().path(), attempt, request.spec(), request.repositories());
        } catch (IllegalArgumentException e) {
            throw new SolveFailure(
                    Failures.user(String.valueOf(e.getMessage()), SolveMessages.name(request.platform())));
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

    /**
     * Cuts the connection to an engine that does not answer: what it still does is nobody's any more, and should it go
     * on again it ends the builds whose caller is gone. The next connection does not wait for the old one's backoff.
     */
    private void giveUp(Connection open, String why) {
        open.lost().complete(why);
        lock.lock();
        try {
            if (open.equals(connection)) {
                connection = null;
            }
        } finally {
            lock.unlock();
        }
        open.channel().shutdownNow();
    }

    private void giveUp(String why) {
        Connection open;
        lock.lock();
        try {
            open = connection;
        } finally {
            lock.unlock();
        }
        if (open != null) {
            giveUp(open, why);
        }
    }

    /** The connection, opened when first needed: an engine may start after its agent. */
    private Connection connection() throws IOException {
        lock.lock();
        try {
            if (connection != null) {
                return connection;
            }
        } finally {
            lock.unlock();
        }
        return connection(Reach.identify(address, patience.answer()));
    }

    /** The same, once it is known who listens; another engine may have taken the place of the first. */
    private Connection connection(EngineAddress known) throws IOException {
        lock.lock();
        try {
            if (connection != null && connection.address().kind() == known.kind()) {
                return connection;
            }
        } finally {
            lock.unlock();
        }
        Store store = known.kind() == EngineAddress.Kind.DOCKER
                ? Probe.store(Probe.docker(known, patience.answer()))
                : Store.NONE;
        lock.lock();
        try {
            Connection open = connection;
            if (open == null || open.address().kind() != known.kind()) {
                open = Connection.of(known, channels.open(known), store);
                connection = open;
            }
            return open;
        } finally {
            lock.unlock();
        }
    }
}
