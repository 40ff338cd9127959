package dev.sheaf.coordinator.dispatch;

import dev.sheaf.coordinator.agents.AgentSnapshot;
import dev.sheaf.coordinator.agents.SyncAnswer;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.queue.Limits;
import dev.sheaf.coordinator.queue.RefusedException;
import dev.sheaf.coordinator.store.Store;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The farm's decisions, for callers on many threads. */
public final class Dispatcher implements AutoCloseable {
    /** Who the dispatcher calls. */
    public record Ports(BuildEvents events, SliceVerifier verifier, IndexPublisher publisher, Store store) {}

    /** Where time and chance come from. */
    public record Sources(InstantSource wall, LongSupplier nanoTime, Supplier<UUID> ids) {}

    public Dispatcher(Limits limits, Ports ports, Sources sources) {
        throw new UnsupportedOperationException(limits + " " + ports + " " + sources);
    }

    /** Starts the thread that ends leases and waits in time. */
    public void start() {}

    public BuildId submit(Submission submission) throws RefusedException {
        throw new UnsupportedOperationException(submission.toString());
    }

    /** Empty: no such build. */
    public Optional<BuildState> cancel(BuildId build) {
        return Optional.empty();
    }

    public SyncAnswer synchronize(SyncCall call, Duration maxWait) throws RefusedException, InterruptedException {
        throw new UnsupportedOperationException(call + " " + maxWait);
    }

    public Optional<BuildSnapshot> build(BuildId build) {
        return Optional.empty();
    }

    public List<BuildSnapshot> builds(int limit) {
        return List.of();
    }

    public List<AgentSnapshot> agents() {
        return List.of();
    }

    public boolean isLive(LeaseId lease) {
        return false;
    }

    public Optional<Attachments> attachments(BuildId build) {
        return Optional.empty();
    }

    @Override
    public void close() {}
}
