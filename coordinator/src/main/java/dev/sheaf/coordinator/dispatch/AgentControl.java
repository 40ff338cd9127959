package dev.sheaf.coordinator.dispatch;

import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.LeaseId;
import java.util.Set;

/** What operators want of agents, as the queue knows it. */
public final class AgentControl {
    private final Dispatcher dispatcher;
    private volatile Set<AgentId> heldBack = Set.of();

    public AgentControl(Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    /** From now on these, and no others, are given nothing new. */
    public void holdBack(Set<AgentId> agents) {
        heldBack = Set.copyOf(agents);
        dispatcher.step(step -> step.queue().holdBack(step.now(), agents));
    }

    /** Whether an operator holds it back. */
    public boolean isHeldBack(AgentId agent) {
        return heldBack.contains(agent);
    }

    /** The agent is gone for good: what it holds is given to others. */
    public void cutOff(AgentId agent) {
        dispatcher.step(step -> step.queue().cutOff(step.now(), agent));
    }

    /** Whether this agent holds this lease now. */
    public boolean holds(AgentId agent, LeaseId lease) {
        return dispatcher.look(
                step -> step.queue().isLive(step.now(), lease) && step.queue().isHolder(agent, lease));
    }
}
