package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.agents.AgentDescription;
import dev.sheaf.coordinator.agents.AgentSnapshot;
import dev.sheaf.coordinator.agents.Incarnation;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.queue.api.RefusedException;
import dev.sheaf.coordinator.store.Stored;
import dev.sheaf.image.Platform;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The agents that have called, by name. */
final class AgentTable {
    /** Earlier processes of a name that are still recognised, so that a late call of theirs takes nothing back. */
    private static final int RETIRED = 16;

    /** One agent: what its last call said, and what it holds. */
    static final class Agent {
        final AgentId id;
        /** Live leases by fence. */
        final Map<Long, SliceRecord> leases = new TreeMap<>();
        /** Fences that are taken back, while the agent may still be at work on them: they use its slots. */
        final Set<Long> stopping = new HashSet<>();

        private final Deque<Incarnation> retired = new ArrayDeque<>();
        private SyncCall last;
        private Instant lastSeen;
        /** Known from the store only: this process has not heard it yet. */
        private boolean restored;
        /** An operator wants it to get nothing new. */
        private boolean heldBack;
        /** A call waits for an answer. */
        private boolean listening;
        /** The last call's connection ended before the answer. */
        private boolean hungUp;

        private Agent(SyncCall first, Instant now) {
            this.id = first.agent();
            this.last = first;
            this.lastSeen = now;
        }

        AgentDescription description() {
            return last.description();
        }

        SyncCall last() {
            return last;
        }

        Instant lastSeen() {
            return lastSeen;
        }

        boolean isDraining() {
            return heldBack || last.draining();
        }

        boolean isListening() {
            return listening;
        }

        boolean isCurrent(SyncCall call) {
            return call.sequence() == last.sequence() && call.incarnation().equals(last.incarnation());
        }

        boolean isLive(Instant now, Duration lease) {
            return listening || now.isBefore(lastSeen.plus(lease));
        }

        int freeSlots() {
            return description().slots() - leases.size() - stopping.size();
        }

        /** The agent shall stop work on a lease, as soon as it hears of it. */
        void revoke(long fence) {
            leases.remove(fence);
            stopping.add(fence);
        }

        /** It lists a lease that is not its own, or not any more. */
        void worksOnWhatItDoesNotHold(long fence, boolean isStillAtIt) {
            if (isStillAtIt) {
                stopping.add(fence);
            } else {
                stopping.remove(fence);
            }
        }

        private boolean holdsName(Instant now, Duration hold) {
            if (restored) {
                return false;
            }
            boolean left = last.draining() && leases.isEmpty();
            return listening || (!hungUp && !left && now.isBefore(lastSeen.plus(hold)));
        }

        private void hear(SyncCall call, Instant now) {
            last = call;
            restored = false;
            lastSeen = now;
            listening = true;
            hungUp = false;
            Set<Long> listed = new HashSet<>();
            call.held().forEach(held -> listed.add(held.lease().fence()));
            stopping.retainAll(listed);
        }

        private void replace() {
            retired.addLast(last.incarnation());
            if (retired.size() > RETIRED) {
                retired.removeFirst();
            }
            stopping.clear();
        }
    }

    /**
     * How a call was taken.
     *
     * @param agent who called
     * @param isLate a later call was heard before: this one changes nothing
     * @param freed slices that an earlier process of this name held
     */
    record Admission(Agent agent, boolean isLate, List<SliceRecord> freed) {}

    private final Limits limits;
    private final Map<AgentId, Agent> byId = new TreeMap<>();
    private Set<AgentId> heldBack = Set.of();
    private Set<Platform> offered = new TreeSet<>();
    /** Something happened that may change what is offered. */
    private boolean isStale;

    /** Agents that should be answered at once. */
    private Set<AgentId> told = new LinkedHashSet<>();

    AgentTable(Limits limits) {
        this.limits = limits;
    }

    Admission admit(Instant now, SyncCall call) throws RefusedException {
        Agent known = byId.get(call.agent());
        boolean wasReady = known != null && isReady(known, now);
        AgentDescription before = known == null ? null : known.description();
        Admission admission = take(now, call);
        Agent agent = admission.agent();
        isStale |= wasReady != isReady(agent, now) || !agent.description().equals(before);
        told.add(agent.id);
        return admission;
    }

    private Admission take(Instant now, SyncCall call) throws RefusedException {
        Agent agent = byId.get(call.agent());
        if (agent == null) {
            return new Admission(enter(now, call), false, List.of());
        }
        if (!agent.last.incarnation().equals(call.incarnation())) {
            List<SliceRecord> freed = replace(now, agent, call);
            agent.hear(call, now);
            return new Admission(agent, false, freed);
        }
        if (!agent.restored && call.sequence() <= agent.last.sequence()) {
            return new Admission(agent, true, List.of());
        }
        agent.hear(call, now);
        return new Admission(agent, false, List.of());
    }

    private Agent enter(Instant now, SyncCall call) throws RefusedException {
        if (byId.size() >= limits.agents()) {
            throw new RefusedException(
                    RefusedException.Reason.LIMIT_REACHED,
                    "the farm knows " + byId.size()
                            + " agents, and --max-agents allows no more: agents that are gone are forgotten after "
                            + limits.times().agentMemory().toMinutes() + " minutes");
        }
        Agent agent = new Agent(call, now);
        agent.heldBack = heldBack.contains(agent.id);
        agent.hear(call, now);
        byId.put(agent.id, agent);
        return agent;
    }

    private List<SliceRecord> replace(Instant now, Agent agent, SyncCall call) throws RefusedException {
        Incarnation known = agent.last.incarnation();
        boolean isLater = known.isBefore(call.incarnation());
        if (!isLater && agent.retired.contains(call.incarnation())) {
            throw new RefusedException(
                    RefusedException.Reason.NAME_IN_USE,
                    "agent \"" + agent.id + "\" was started anew: this earlier process of the same name must end");
        }
        if (call.incarnation().isBefore(known)
                && agent.isLive(now, limits.times().lease())) {
            throw new RefusedException(
                    RefusedException.Reason.NAME_IN_USE,
                    "a process of agent \"" + agent.id + "\"" + at(agent) + " that started "
                            + (known.startedAt() - call.incarnation().startedAt())
                            + " ms later was heard " + secondsSince(agent, now)
                            + " s ago: this earlier process must end; if there is no other, its host's clock was set"
                            + " back, and the name is free "
                            + limits.times().lease().toSeconds() + " s after the other was last heard");
        }
        if (agent.holdsName(now, limits.times().nameHold())) {
            throw new RefusedException(
                    RefusedException.Reason.NAME_IN_USE,
                    "another live agent is called \"" + agent.id + "\"" + at(agent) + " (last heard "
                            + secondsSince(agent, now) + " s ago): end that one, or give this one another name");
        }
        agent.replace();
        return List.copyOf(agent.leases.values());
    }

    /** An agent that held a lease when an earlier coordinator process ended. */
    Agent restore(Instant now, Stored.Holder holder) {
        return byId.computeIfAbsent(holder.agent(), id -> {
            var then = new AgentDescription.Particulars(holder.host(), "", "");
            AgentDescription known = new AgentDescription(id, List.of(), 1, then);
            Incarnation process = new Incarnation(holder.incarnation(), holder.startedAt());
            Agent agent = new Agent(new SyncCall(process, 1, known, List.of(), false), now);
            agent.restored = true;
            agent.heldBack = heldBack.contains(id);
            return agent;
        });
    }

    private static String at(Agent agent) {
        String address = agent.description().particulars().address();
        return address.isEmpty() ? "" : " at " + address;
    }

    private static long secondsSince(Agent agent, Instant now) {
        return Duration.between(agent.lastSeen, now).toSeconds();
    }

    @Nullable Agent find(AgentId id) {
        return byId.get(id);
    }

    Collection<Agent> all() {
        return byId.values();
    }

    List<AgentSnapshot> snapshots(Instant now) {
        return byId.values().stream()
                .map(agent -> new AgentSnapshot(
                        agent.description(),
                        agent.leases.values().stream().map(slice -> slice.id).toList(),
                        agent.lastSeen(),
                        agent.isDraining(),
                        !agent.isLive(now, limits.times().lease())))
                .toList();
    }

    /** The answer went out, or the caller went away. */
    void stopListening(SyncCall call, boolean away) {
        Agent agent = byId.get(call.agent());
        if (agent != null && agent.isCurrent(call)) {
            agent.listening = false;
            agent.hungUp = away;
        }
    }

    void holdBack(Set<AgentId> ids) {
        heldBack = Set.copyOf(ids);
        byId.values().forEach(agent -> agent.heldBack = heldBack.contains(agent.id));
        isStale = true;
    }

    void remove(Agent agent) {
        byId.remove(agent.id, agent);
        isStale = true;
    }

    /** Time passed that an agent may not have outlived. */
    void doubt() {
        isStale = true;
    }

    /** The agent should be answered at once. */
    void tell(Agent agent) {
        told.add(agent.id);
    }

    /** The agents that should be answered at once, since the last call. */
    Set<AgentId> takeTold() {
        Set<AgentId> taken = told;
        told = taken.isEmpty() ? taken : new LinkedHashSet<>();
        return taken;
    }

    /** Those that a slice could be given to at this moment. */
    List<Agent> free() {
        List<Agent> free = new ArrayList<>();
        for (Agent agent : byId.values()) {
            if (agent.isListening() && !agent.isDraining() && agent.freeSlots() > 0) {
                free.add(agent);
            }
        }
        return free;
    }

    /** The agents that may be given slices of a platform, now or when they have a free slot. */
    List<Agent> offering(Platform platform, Instant now) {
        return byId.values().stream()
                .filter(agent -> isReady(agent, now))
                .filter(agent -> agent.description().offer(platform).isPresent())
                .toList();
    }

    /** The platforms that some agent proves now, as of the last refresh. */
    Set<Platform> offered() {
        return offered;
    }

    /** Reckons anew which platforms are offered; true: they changed. */
    boolean refreshOffered(Instant now) {
        if (!isStale) {
            return false;
        }
        isStale = false;
        Set<Platform> before = offered;
        offered = new TreeSet<>();
        for (Agent agent : byId.values()) {
            if (isReady(agent, now)) {
                agent.description().offers().forEach(offer -> offered.add(offer.platform()));
            }
        }
        return !offered.equals(before);
    }

    /** The agent that holds this fence. */
    Optional<Agent> holder(AgentId id, long fence) {
        return Optional.ofNullable(byId.get(id)).filter(agent -> agent.leases.containsKey(fence));
    }

    private boolean isReady(Agent agent, Instant now) {
        return !agent.isDraining() && agent.isLive(now, limits.times().lease());
    }

    /** Those platforms in words. */
    String offeredText() {
        return offered.isEmpty() ? "no agent" : join(List.copyOf(offered));
    }

    static String join(List<Platform> platforms) {
        return platforms.stream().map(Platform::toString).collect(Collectors.joining(", "));
    }
}
