package dev.sheaf.coordinator.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The processes of the coordinator, one of which leads: by starting again after a crash, or by taking over. */
final class SimCoordinators {
    /** The leader's row is free so long after its last renewal. */
    private static final long ROW_LIVES = 6_000;

    private static final int RENEWAL = 2_000;

    private final World world;
    private final SimCoordinator.Surroundings around;
    private final List<SimCoordinator> processes = new ArrayList<>();
    private Optional<SimCoordinator> leader = Optional.empty();

    SimCoordinators(World world, SimCoordinator.Surroundings around) {
        this.world = world;
        this.around = around;
        start();
    }

    /** Who can be reached; empty: nobody, for now. */
    Optional<SimCoordinator> leader() {
        return leader.filter(process -> !process.isDead());
    }

    /** The process for which time has its next effect. */
    Optional<SimCoordinator> nextDue() {
        SimCoordinator next = null;
        for (SimCoordinator process : processes) {
            if (next == null || process.due() < next.due()) {
                next = process;
            }
        }
        return Optional.ofNullable(next);
    }

    private void start() {
        processes.removeIf(SimCoordinator::isDead);
        SimCoordinator fresh = new SimCoordinator(around);
        processes.add(fresh);
        leader = Optional.of(fresh);
    }

    /** Every so often, something happens to the leader or to its store. */
    void fault() {
        if (!world.isChaos()) {
            return;
        }
        switch (world.random.nextInt(5)) {
            case 0 -> leader().ifPresent(this::crash);
            case 1 -> leader().ifPresent(process -> process.crashLater(() -> crash(process)));
            case 2 -> leader().ifPresent(this::pause);
            case 3 -> leader().ifPresent(process -> process.pauseLater(() -> pause(process)));
            default -> around.store().goAway();
        }
        world.at(4_000 + world.random.nextInt(25_000), this::fault);
    }

    private void crash(SimCoordinator process) {
        process.crash();
        world.at(world.random.nextInt(15_000), () -> {
            if (leader.equals(Optional.of(process))) {
                start();
            }
        });
    }

    private void pause(SimCoordinator process) {
        int time = 1_000 + world.random.nextInt(40_000);
        process.pause(time);
        long free = ROW_LIVES - world.random.nextInt(RENEWAL);
        if (time <= free) {
            return;
        }
        world.at(free, () -> {
            process.leadNoMore();
            if (leader.equals(Optional.of(process)) && !process.isDead()) {
                world.note(Fault.TAKEOVER);
                start();
            }
        });
        world.at(time + world.random.nextInt(5_000), () -> {
            if (!process.isDead()) {
                process.die();
            }
        });
    }
}
