package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.agents.SyncAnswer;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.queue.api.Effect;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.queue.api.RefusedException;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.coordinator.store.Stored;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** One process of a coordinator around the real queue: what the dispatcher does with threads, done with events. */
final class SimCoordinator {
    /** An agent is told its renewals without the news if these are not kept within this time. */
    private static final long MAX_NEWS_WAIT = 3_000;

    /**
     * A call of an agent that waits for news.
     *
     * @param until it is answered then even without
     * @param away the connection ended before the answer
     */
    record OpenCall(SyncCall heard, SyncCall sent, long until, Consumer<SyncAnswer> reply, Runnable away) {}

    /** Everything outside of it. */
    record Surroundings(World world, SimStore store, SimRegistry registry, Invariants invariants, Limits limits) {}

    final BuildQueue queue;
    final ProcessRules rules;
    final long epoch;
    private final World world;
    private final SimStore store;
    private final Invariants invariants;
    private final SimJournal journal;
    private final SimPublisher publisher;
    private final Set<BuildId> attachments = new HashSet<>();
    private final List<OpenCall> openCalls = new ArrayList<>();
    private long lastFence;
    private boolean isDead;
    private boolean isLeading = true;
    /** Agents whose open calls may have news. */
    private final Set<AgentId> told = new HashSet<>();

    private long pausedUntil;

    SimCoordinator(Surroundings around) {
        this.world = around.world();
        this.store = around.store();
        this.invariants = around.invariants();
        this.epoch = store.claim();
        this.journal = new SimJournal(world, store, this);
        this.publisher = new SimPublisher(world, around.registry(), invariants, this);
        Placement fresh = new Placement.FreshFirst(around.limits().times().sameAgentBackOff());
        this.queue = new BuildQueue(around.limits(), this::fence, world.mutant.placement(fresh));
        Stored stored = store.load();
        this.rules = new ProcessRules(queue, store, stored, world.instant());
        Stored loaded = world.mutant.loaded(stored);
        lastFence = world.is(Mutant.FORGET_FENCE) ? 0 : loaded.highestFence();
        queue.restore(world.instant(), loaded);
        if (world.is(Mutant.FORGET_ATTACHMENTS)) {
            stored.builds().forEach(build -> queue.attach(world.instant(), build.id()));
        }
        commit();
        if (journal.isIdle()) {
            rules.matchesStore();
        }
    }

    private long fence() {
        return world.is(Mutant.FENCE_REUSE) && lastFence > 3 ? 2 : ++lastFence;
    }

    /** Whether nobody took over from it. */
    boolean isLatest() {
        return store.isLatest(epoch);
    }

    boolean isDead() {
        return isDead;
    }

    /** Whether it may move tags, by its own judgement. */
    boolean leads() {
        return isLeading || world.is(Mutant.NO_LEAD_CHECK);
    }

    /** When time has its next effect here; never: {@link Long#MAX_VALUE}. */
    long due() {
        if (isDead) {
            return Long.MAX_VALUE;
        }
        return queue.nextExpiry()
                .map(at -> Math.max(at.toEpochMilli(), pausedUntil))
                .orElse(Long.MAX_VALUE);
    }

    void advance() {
        step((alive, now) -> alive.advance(now));
        rules.timePasses(world.instant());
    }

    void crash() {
        world.note(Fault.COORDINATOR_CRASHED);
        journal.crash();
        die();
    }

    /** Will die at a bad moment. */
    void crashLater(Runnable crash) {
        if (world.random.nextBoolean()) {
            journal.crashWhileWriting(crash);
        } else {
            publisher.crashWhileMoving(crash);
        }
    }

    /** Will sleep at a bad moment. */
    void pauseLater(Runnable pause) {
        publisher.sleepBeforeMoving(pause);
    }

    /** Ends; whoever has a call open may notice. */
    void die() {
        isDead = true;
        List<OpenCall> broken = List.copyOf(openCalls);
        openCalls.clear();
        broken.forEach(open -> open.away().run());
    }

    void pause(long time) {
        world.note(Fault.COORDINATOR_PAUSED);
        pausedUntil = world.now() + time;
    }

    /** Its lease of the leadership has ended, by its own clock too. */
    void leadNoMore() {
        isLeading = false;
    }

    /** Does this after a while, if the process lives then, and is not paused. */
    void later(long delay, Runnable action) {
        world.at(delay, () -> whenAwake(action));
    }

    private void whenAwake(Runnable action) {
        if (isDead) {
            return;
        }
        if (world.now() < pausedUntil) {
            later(pausedUntil - world.now(), action);
        } else {
            action.run();
            answerCalls();
        }
    }

    /** One step that nobody waits for. */
    void step(BiConsumer<BuildQueue, Instant> change) {
        change.accept(queue, world.instant());
        commit();
        answerCalls();
    }

    void once(long step, Runnable action) {
        journal.once(step, action);
    }

    /** Takes a request; tells whose it is once that is kept. */
    void submit(BuildRequest request, boolean brings, Consumer<BuildId> told, Runnable refused) {
        whenAwake(() -> {
            if (!isLeading) {
                return;
            }
            try {
                BuildId id = queue.submit(
                        world.instant(),
                        new BuildId("b" + world.draw()),
                        world.mutant.sent(request, world.draw()),
                        brings);
                if (brings && isOpen(id)) {
                    attachments.add(id);
                }
                journal.once(commit(), () -> told.accept(id));
            } catch (RefusedException e) {
                commit();
                refused.run();
            }
        });
    }

    void cancel(BuildId id) {
        whenAwake(() -> {
            if (!isLeading) {
                return;
            }
            Optional<BuildState> state = world.is(Mutant.CANCEL_IGNORED)
                    ? Optional.of(BuildState.CANCELLED)
                    : queue.cancel(world.instant(), id);
            journal.once(commit(), () -> {
                if (state.equals(Optional.of(BuildState.CANCELLED))) {
                    invariants.cancelled(id);
                }
            });
        });
    }

    /** Takes what an agent says. The call stays open until there is news, or for the wait. */
    void synchronize(SyncCall sent, long wait, Consumer<SyncAnswer> reply, Runnable away) {
        whenAwake(() -> {
            if (!isLeading) {
                return;
            }
            SyncCall heard = world.mutant.call(sent, world.draw());
            ProcessRules.Failures failures = rules.hear(world.instant(), sent);
            try {
                boolean isTaken = queue.synchronize(world.instant(), heard);
                rules.heard(world.instant(), failures);
                commit();
                if (isTaken) {
                    OpenCall open = new OpenCall(heard, sent, world.now() + wait, reply, away);
                    openCalls.add(open);
                    answer(open);
                    later(wait, () -> answer(open));
                }
            } catch (RefusedException e) {
                commit();
                away.run();
            } finally {
                rules.hearsNoMore();
            }
        });
    }

    /** The caller's process ended, and its connection with it. */
    void hangUp(SyncCall sent) {
        whenAwake(() -> {
            openCalls.stream()
                    .filter(open -> open.sent().equals(sent))
                    .findFirst()
                    .ifPresent(openCalls::remove);
            queue.hungUp(sent);
        });
    }

    private void answerCalls() {
        while (!told.isEmpty() && !isDead) {
            Set<AgentId> woken = Set.copyOf(told);
            told.clear();
            List.copyOf(openCalls).stream()
                    .filter(open -> woken.contains(open.sent().agent()))
                    .forEach(this::answer);
        }
    }

    private void answer(OpenCall open) {
        if (isDead || !openCalls.contains(open)) {
            return;
        }
        Optional<SyncAnswer> answer = queue.answer(world.instant(), open.heard());
        long step = commit();
        if (answer.isEmpty()) {
            openCalls.remove(open);
        } else if (answer.get().hasNews() || world.now() >= open.until()) {
            openCalls.remove(open);
            queue.answered(open.heard());
            tell(open, answer.get(), step);
        }
    }

    private void tell(OpenCall open, SyncAnswer answer, long step) {
        rules.answers(open.sent(), answer);
        if (!answer.hasNews()) {
            open.reply().accept(world.mutant.answer(answer));
            return;
        }
        boolean[] isTold = {false};
        journal.once(step, () -> {
            if (!isTold[0]) {
                isTold[0] = true;
                answer.assignments()
                        .forEach(assignment ->
                                holdsAttachments(assignment.lease().build()));
                invariants.told(answer);
                open.reply().accept(world.mutant.answer(answer));
            }
        });
        if (!isTold[0]) {
            later(MAX_NEWS_WAIT, () -> {
                if (!isTold[0]) {
                    isTold[0] = true;
                    open.reply().accept(world.mutant.answer(answer.renewalsOnly()));
                }
            });
        }
    }

    /** Enters what the step left into the journal; returns its number there. */
    long commit() {
        List<Effect> taken = queue.takeEffects();
        told.addAll(queue.takeTold());
        rules.isBounded();
        if (taken.isEmpty()) {
            return journal.enter(List.of(), List.of());
        }
        List<Decision> decisions = new ArrayList<>();
        List<Effect> effects = new ArrayList<>();
        for (Effect effect : taken) {
            switch (effect) {
                case Effect.Keep(Decision decision) -> {
                    rules.decided(world.instant(), decision);
                    decisions.add(decision);
                }
                case Effect.Release release -> attachments.remove(release.build());
                case Effect.ReleaseSecrets _, Effect.Notice _, Effect.Forget _ -> {}
                case Effect.BuildChanged _,
                        Effect.SliceChanged _,
                        Effect.Verify _,
                        Effect.Publish _,
                        Effect.CheckTag _ -> effects.add(effect);
            }
        }
        return journal.enter(decisions, effects);
    }

    /** Does what a kept step wants done. */
    void carryOut(Effect effect) {
        switch (effect) {
            case Effect.BuildChanged(BuildSnapshot build) -> invariants.told(build);
            case Effect.SliceChanged(var slice) -> {
                invariants.told(slice);
                if (world.is(Mutant.NO_COMPLETENESS) && slice.state() instanceof SliceState.Built) {
                    queue.build(slice.id().build())
                            .ifPresent(build ->
                                    publisher.publish(build, build.request().tags()));
                }
            }
            case Effect.Verify verify -> {
                holdsAttachments(verify.lease().build());
                publisher.verify(verify);
            }
            case Effect.Publish(BuildSnapshot build, var tags) -> {
                holdsAttachments(build.id());
                if (world.isChaos() && world.oneIn(8)) {
                    world.at(world.random.nextInt(1_500), () -> cancel(build.id())); // in the nick of time, or too late
                }
                publisher.publish(
                        build, world.is(Mutant.NO_TAG_ORDER) ? build.request().tags() : tags);
            }
            case Effect.CheckTag check -> publisher.check(check);
            case Effect.Keep _, Effect.Release _, Effect.ReleaseSecrets _, Effect.Notice _, Effect.Forget _ -> {}
        }
    }

    private void holdsAttachments(BuildId id) {
        invariants.goesOn(id, attachments.contains(id) || !isOpen(id));
    }

    private boolean isOpen(BuildId id) {
        return queue.build(id).filter(build -> !build.state().isTerminal()).isPresent();
    }
}
