package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.queue.api.Limits;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * One random history of a farm, from a seed: chaos for a while, then quiet. Drives the real queue and the meaning of
 * what is stored in virtual time; around it are coordinators that crash, a store that is away, agents, command lines
 * and a registry.
 */
final class Simulation {
    /** By then everything that was late has arrived. */
    private static final long QUIET = 200_000;

    private static final long ALL_ENDS = 450_000;

    private final World world;
    private final Invariants invariants;
    private final SimRegistry registry;
    private final SimCoordinators coordinators;
    private final SimClients clients;

    Simulation(long seed, Mutant mutant) {
        world = new World(seed, mutant);
        invariants = new Invariants();
        registry = new SimRegistry(world);
        SimStore store = new SimStore(world, invariants);
        coordinators = new SimCoordinators(
                world, new SimCoordinator.Surroundings(world, store, registry, invariants, limits(mutant)));
        clients = new SimClients(world, coordinators, invariants);
        new SimAgents(world, coordinators, registry, invariants).start();
    }

    private static Limits limits(Mutant mutant) {
        Limits.Times times = Limits.defaults().times();
        long lease = mutant == Mutant.SHORT_LEASE ? 5 : mutant == Mutant.NO_EXPIRY ? 36_000 : 20;
        Limits.Times used = new Limits.Times(
                Duration.ofSeconds(lease),
                times.nameHold(),
                times.sameAgentBackOff(),
                times.agentGrace(),
                times.agentMemory(),
                Duration.ofSeconds(60),
                Duration.ofSeconds(15),
                Duration.ofSeconds(120),
                times.retryLimit(),
                times.publishTrouble());
        return new Limits(used, mutant == Mutant.ENDLESS_ATTEMPTS ? 50 : 3, 100, 300, 100, 10);
    }

    void run() {
        world.at(world.random.nextInt(30_000), coordinators::fault);
        world.at(world.random.nextInt(30_000), this::registryFault);
        while (world.now() < QUIET || (world.now() < ALL_ENDS && !clients.areDone())) {
            step();
        }
        invariants.allEnded();
        invariants.tagsAreRight(registry);
    }

    private void step() {
        Optional<SimCoordinator> next = coordinators.nextDue();
        long due = next.map(SimCoordinator::due).orElse(Long.MAX_VALUE);
        if (due < world.nextEvent()) {
            world.moveTo(due + 1);
            next.orElseThrow().advance();
        } else {
            world.runNext();
        }
    }

    private void registryFault() {
        if (!world.isChaos()) {
            return;
        }
        if (world.oneIn(3)) {
            registry.crash();
        } else {
            registry.collect();
        }
        world.at(5_000 + world.random.nextInt(25_000), this::registryFault);
    }

    Map<Fault, Long> faults() {
        return world.faults();
    }

    /** Virtual time that has passed, in milliseconds. */
    long millis() {
        return world.now();
    }

    /** The same for two histories that are the same. */
    String trace() {
        return world.now() + " ms, " + world.draw() + " draws, " + world.faults();
    }
}
