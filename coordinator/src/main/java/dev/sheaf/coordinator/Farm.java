package dev.sheaf.coordinator;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.context.BlobStore;
import dev.sheaf.coordinator.context.WantedBlobs;
import dev.sheaf.coordinator.dispatch.AgentControl;
import dev.sheaf.coordinator.dispatch.Attachments;
import dev.sheaf.coordinator.dispatch.Dispatcher;
import dev.sheaf.coordinator.gate.ComparingPublisher;
import dev.sheaf.coordinator.gate.ContentVerifier;
import dev.sheaf.coordinator.gate.FarmPolicy;
import dev.sheaf.coordinator.gate.LayerMemory;
import dev.sheaf.coordinator.gate.MaterialsVerifier;
import dev.sheaf.coordinator.log.BuildLogs;
import dev.sheaf.coordinator.publish.BuildRegistries;
import dev.sheaf.coordinator.publish.ReadImages;
import dev.sheaf.coordinator.publish.RegistryIndexPublisher;
import dev.sheaf.coordinator.publish.RegistrySliceVerifier;
import dev.sheaf.coordinator.publish.RegistryTagKeeper;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.rpc.AgentEndpoint;
import dev.sheaf.coordinator.rpc.BuildEndpoint;
import dev.sheaf.coordinator.rpc.ContextEndpoint;
import dev.sheaf.coordinator.rpc.FarmServices;
import dev.sheaf.coordinator.rpc.IdentityEndpoint;
import dev.sheaf.coordinator.rpc.LoggedBuildEvents;
import dev.sheaf.coordinator.store.Store;
import dev.sheaf.coordinator.store.StoreException;
import dev.sheaf.image.check.ImageCheck;
import dev.sheaf.image.layer.LayerLimits;
import dev.sheaf.image.registry.RetryPolicy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this process does for its farm: with a store it leads, without one it refuses calls. Contexts, logs and what
 * builds brought that is secret outlast the change from one to the other.
 */
final class Farm implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Farm.class);

    private final Disk disk;
    private final ExecutorService threads;
    private final Rules rules;
    private final Outside outside;
    private final BuildRegistries registries;
    private final IdentityEndpoint.Identities identities;
    private final FarmServices services = new FarmServices();
    /** Told when the process cannot go on. */
    private final Runnable broken;

    private Map<BuildId, Attachments> remembered = Map.of();
    private @Nullable Term term;

    /** What is kept in the data directory. */
    record Disk(BlobStore blobs, WantedBlobs wanted, BuildLogs logs, LayerMemory layers) {}

    /** What the operator chose. */
    record Rules(Limits limits, FarmPolicy content) {}

    /** Ways to registries, time and chance. */
    record Outside(BuildRegistries.Opener opener, RetryPolicy.Sleeper sleeper, Dispatcher.Sources sources) {}

    /** From taking the lead to losing it. */
    private record Term(Dispatcher dispatcher, Store store) {}

    /**
     * Follows, at first.
     *
     * @param broken told once if the store cannot be trusted any more
     */
    Farm(
            Disk disk,
            Rules rules,
            Outside outside,
            IdentityEndpoint.Identities identities,
            ExecutorService threads,
            Runnable broken) {
        this.disk = disk;
        this.identities = identities;
        this.rules = rules;
        this.outside = outside;
        this.registries = new BuildRegistries(outside.opener(), rules.limits().openBuilds());
        this.threads = threads;
        this.broken = broken;
    }

    FarmServices services() {
        return services;
    }

    /**
     * Goes on with what the store holds. It is closed when the lead ends.
     *
     * @param leads asked before each request that moves a tag, which the store cannot refuse
     */
    synchronized void lead(Store store, BooleanSupplier leads) {
        ImageCheck check = new ImageCheck(
                disk.layers(), LayerLimits.DEFAULT, outside.sources().wall());
        ReadImages images = new ReadImages();
        Dispatcher.Ports ports = new Dispatcher.Ports(
                registries.hearing(new LoggedBuildEvents(disk.logs(), disk.wanted())),
                new ContentVerifier(
                        new MaterialsVerifier(
                                new RegistrySliceVerifier(registries, images, outside.sleeper()),
                                registries,
                                disk.blobs()),
                        registries,
                        images,
                        check,
                        disk.blobs()),
                new ComparingPublisher(
                        new RegistryIndexPublisher(registries, outside.sleeper(), leads), registries, images, check),
                new RegistryTagKeeper(registries, leads),
                store);
        Dispatcher dispatcher = new Dispatcher(rules.limits(), ports, outside.sources(), remembered);
        remembered = Map.of();
        Term begun = new Term(dispatcher, store);
        term = begun;
        dispatcher.start();
        threads.execute(() -> watch(begun));
        AgentControl control = new AgentControl(dispatcher);
        IdentityEndpoint identity = new IdentityEndpoint(dispatcher, control, identities);
        identity.holdBack();
        services.lead(List.of(
                new BuildEndpoint(dispatcher, disk.logs(), identities.store(), rules.content(), threads),
                new AgentEndpoint(dispatcher, control, disk.logs()),
                new ContextEndpoint(dispatcher, control, disk.blobs(), disk.wanted(), threads),
                identity));
    }

    /** Refuses calls from now on. */
    synchronized void follow(String leader) {
        stopDeciding(leader).ifPresent(Store::close);
    }

    /**
     * Refuses calls for good. The file of what layers hold is let go of before the store, which may hold the data
     * directory's lock: who gets that next opens the file at once.
     */
    @Override
    public synchronized void close() {
        Optional<Store> store = stopDeciding("");
        disk.layers().close();
        store.ifPresent(Store::close);
    }

    private Optional<Store> stopDeciding(String leader) {
        services.follow(leader);
        Term ended = term;
        term = null;
        if (ended == null) {
            return Optional.empty();
        }
        ended.dispatcher().close();
        remembered = ended.dispatcher().remember();
        return Optional.of(ended.store());
    }

    private void watch(Term watched) {
        try {
            watched.dispatcher().awaitEnd().ifPresent(reason -> end(watched, reason));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the process ends
        }
    }

    private synchronized void end(Term ended, StoreException reason) {
        if (reason.kind() == StoreException.Kind.SUPERSEDED) {
            LOG.warn("no longer leading: {}", reason.getMessage());
            if (ended.equals(term)) {
                follow("");
            }
        } else {
            LOG.error("cannot go on: {}", reason.getMessage());
            services.follow("");
            broken.run();
        }
    }
}
