package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.agents.AgentDescription;
import dev.sheaf.coordinator.agents.Assignment;
import dev.sheaf.coordinator.agents.SyncAnswer;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.Outcome;
import dev.sheaf.coordinator.build.host.Host;
import dev.sheaf.image.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The agents of a farm: how they call, what happens to them, and how what they build ends. */
final class SimAgents {
    private static final long FOR_EVER = 10_000_000;
    private static final long ANSWER_LIMIT = 6_000;

    private final World world;
    private final SimCoordinators coordinators;
    private final SimRegistry registry;
    private final Invariants invariants;
    private final List<SimAgent> agents = new ArrayList<>();

    SimAgents(World world, SimCoordinators coordinators, SimRegistry registry, Invariants invariants) {
        this.world = world;
        this.coordinators = coordinators;
        this.registry = registry;
        this.invariants = invariants;
    }

    void start() {
        int number = 2 + world.random.nextInt(3);
        for (int i = 0; i < number; i++) {
            AgentDescription.Offer offer =
                    new AgentDescription.Offer(SimClients.PLATFORMS.get(i % 2), false, "simulated");
            SimAgent agent = new SimAgent(new AgentDescription(
                    new AgentId("agent-" + i),
                    List.of(offer),
                    1 + world.random.nextInt(2),
                    new AgentDescription.Particulars(host(i), "1", "")));
            agents.add(agent);
            world.at(world.random.nextInt(1_000), () -> send(agent, 0));
            world.at(world.random.nextInt(20_000), () -> fault(agent));
        }
    }

    private static Host host(int number) {
        return new Host(
                "x86_64", "Linux 6." + number, "CPU", new Host.Engine("Engine " + number, "", "v0." + number, ""));
    }

    /** Every so often, something happens to an agent: a crash, a long absence, a pause. */
    private void fault(SimAgent agent) {
        if (!world.isChaos()) {
            return;
        }
        switch (world.random.nextInt(3)) {
            case 0 -> {
                world.note(Fault.AGENT_CRASHED);
                restart(agent, 500 + world.random.nextInt(3_000));
            }
            case 1 -> {
                world.note(Fault.AGENT_AWAY);
                restart(agent, agents.indexOf(agent) < SimClients.PLATFORMS.size() ? 30_000 : FOR_EVER);
            }
            default -> {
                world.note(Fault.AGENT_PAUSED);
                agent.asleepUntil = world.now() + 3_000 + world.random.nextInt(40_000);
            }
        }
        world.at(10_000 + world.random.nextInt(40_000), () -> fault(agent));
    }

    private void restart(SimAgent agent, long away) {
        Optional<SyncCall> open = Optional.ofNullable(agent.lastCall);
        if (world.random.nextBoolean()) {
            coordinators.leader().ifPresent(leader -> open.ifPresent(leader::hangUp));
        }
        open.filter(_ -> world.oneIn(2)).ifPresent(this::returnLater);
        agent.crash(world.now());
        agent.isDown = true;
        int process = agent.process; // a crash during the absence makes it longer
        world.at(away, () -> {
            if (agent.process == process) {
                agent.isDown = false;
                send(agent, process);
            }
        });
    }

    /** The process is not dead but suspended: some time it tries its last call again, whoever leads then. */
    private void returnLater(SyncCall call) {
        SyncCall again =
                new SyncCall(call.incarnation(), call.sequence() + 1, call.description(), call.held(), call.draining());
        world.at(
                world.random.nextInt(60_000),
                () -> coordinators.leader().ifPresent(leader -> {
                    world.note(Fault.AGENT_RETURNED);
                    leader.synchronize(again, 0, _ -> {}, () -> {});
                }));
    }

    private void send(SimAgent agent, int process) {
        if (agent.isDown || agent.process != process) {
            return;
        }
        if (world.now() < agent.asleepUntil) {
            world.at(agent.asleepUntil - world.now(), () -> send(agent, process));
            return;
        }
        SyncCall call = agent.call(world.now());
        long sequence = call.sequence();
        Runnable again = () -> {
            if (agent.process == process && agent.sequence == sequence) {
                send(agent, process);
            }
        };
        Runnable soon = () -> world.at(500 + world.random.nextInt(1_500), again);
        // a connection is with one process: what is on its way when that dies reaches no other
        coordinators
                .leader()
                .ifPresentOrElse(
                        leader -> world.network(() -> leader.synchronize(
                                call,
                                call.held().isEmpty() ? 4_000 : 0,
                                answer -> world.network(() -> deliver(agent, call, answer)),
                                soon)),
                        soon);
        world.at(ANSWER_LIMIT, again);
    }

    private void deliver(SimAgent agent, SyncCall call, SyncAnswer answer) {
        int process = agent.process;
        if (agent.isDown) {
            return;
        }
        if (world.now() < agent.asleepUntil) {
            world.at(agent.asleepUntil - world.now(), () -> deliver(agent, call, answer));
            return;
        }
        boolean isCurrent = agent.sequence == call.sequence() && agent.isMine(call);
        List<Assignment> fresh = agent.hear(world.now(), call, answer);
        invariants.agentsWork(agents, world.now());
        for (Assignment assignment : fresh) {
            world.at(1_000 + world.random.nextInt(25_000), () -> finish(agent, process, assignment.lease()));
        }
        if (isCurrent) {
            world.at(agent.work.isEmpty() ? 10 : 500 + world.random.nextInt(2_500), () -> {
                if (agent.sequence == call.sequence()) {
                    send(agent, process);
                }
            });
        }
    }

    private void finish(SimAgent agent, int process, LeaseId lease) {
        if (world.now() < agent.asleepUntil) {
            world.at(agent.asleepUntil - world.now(), () -> finish(agent, process, lease));
            return;
        }
        SimAgent.Work work = agent.work.get(lease.fence());
        agent.selfFence(world.now());
        if (agent.process == process && work != null && work.outcome.isEmpty()) {
            work.outcome = Optional.of(outcome(lease.slice().platform()));
        }
    }

    private Outcome outcome(Platform platform) {
        int dice = world.random.nextInt(100);
        if (dice < 12) {
            return new Outcome.Failed(Failure.of(Failure.Kind.INFRASTRUCTURE, "the engine went away"));
        }
        if (dice < 15) {
            return new Outcome.Failed(Failure.of(Failure.Kind.USER, "RUN make: exit code 2"));
        }
        if (dice < 21) {
            return new Outcome.Failed(Failure.of(Failure.Kind.REGISTRY, "connection refused"));
        }
        return new Outcome.Pushed(registry.push(dice < 24 ? Platform.of("linux", "s390x") : platform));
    }
}
