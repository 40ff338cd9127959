package dev.sheaf.agent.session;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import dev.sheaf.agent.slice.SliceRunner;
import dev.sheaf.endpoint.tls.TlsFailure;
import dev.sheaf.v1.AgentDescription;
import dev.sheaf.v1.AgentServiceGrpc.AgentServiceFutureStub;
import dev.sheaf.v1.Outcome;
import dev.sheaf.v1.SynchronizeRequest;
import dev.sheaf.v1.SynchronizeResponse;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The synchronize loop. One thread owns the state and takes events from a mailbox: answers, ends of attempts, the wish
 * to stop. At most one call is under way; one that waits for work is given up when there is something to say.
 */
public final class Session {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);
    /** After the last attempt was stopped, for its end on the engine and for telling the coordinator. */
    private static final Duration FAREWELL = Duration.ofSeconds(5);

    private final AgentServiceFutureStub coordinator;
    private final Supplier<AgentDescription> description;
    private final Timing timing;
    private final LongSupplier nanoTime;
    private final SessionState state;
    private final Backoff backoff;
    private final Attempts attempts;
    private final BlockingQueue<Event> mailbox = new LinkedBlockingQueue<>();

    private @Nullable Call underWay;
    private long nextCall;
    private @Nullable Long drainDeadline;
    private boolean stoppedAll;
    private boolean away;
    private boolean farewellSaid;
    private boolean moreToSay;
    private @Nullable String refusal;
    private boolean drained;
    private String withheld = "";

    /**
     * Who speaks, and how often.
     *
     */
    public record Voice(Incarnation incarnation, Timing timing, LongSupplier nanoTime, RandomGenerator dice) {}

    private sealed interface Event {
        record Answered(Call call, SynchronizeResponse answer) implements Event {}

        record Failed(Call call, Status status) implements Event {}

        record Over(long fence, Outcome outcome) implements Event {}

        record Drain(Duration patience) implements Event {}

        record News() implements Event {}
    }

    private record Call(SynchronizeRequest request, ListenableFuture<SynchronizeResponse> future, long sentAt) {
        /** Late answers of calls that were given up are told apart by the number. */
        boolean is(@Nullable Call other) {
            return other != null && request.getSequence() == other.request.getSequence();
        }

        boolean waits() {
            return request.getMaxWait().getSeconds() > 0 || request.getMaxWait().getNanos() > 0;
        }
    }

    public Session(
            AgentServiceFutureStub coordinator,
            SliceRunner runner,
            Supplier<AgentDescription> description,
            Voice voice) {
        this.coordinator = coordinator;
        this.description = description;
        this.timing = voice.timing();
        this.nanoTime = voice.nanoTime();
        this.state = new SessionState(voice.incarnation(), voice.timing());
        this.backoff = new Backoff(voice.timing().longestBackoff(), voice.dice());
        this.attempts = new Attempts(runner, (fence, outcome) -> mailbox.add(new Event.Over(fence, outcome)));
    }

    /** Speaks with the coordinator until drained, or until the thread is interrupted: then everything is stopped. */
    public void run() throws InterruptedException {
        nextCall = nanoTime.getAsLong();
        try {
            while (!finished()) {
                act();
                Event event = mailbox.poll(untilNextTimer(), TimeUnit.NANOSECONDS);
                if (event != null) {
                    handle(event);
                }
            }
        } finally {
            giveUpCall();
            attempts.stopAll(FAREWELL);
        }
    }

    /** Takes no new work; what runs may end within this time and is stopped then. Returns at once. */
    public void drain(Duration patience) {
        mailbox.add(new Event.Drain(patience));
    }

    /** The description has changed: tell the coordinator now. */
    public void news() {
        mailbox.add(new Event.News());
    }

    /** Why the farm takes this agent no more; empty: it does, or does not answer. */
    public Optional<String> refusal() {
        return Optional.ofNullable(refusal);
    }

    private boolean finished() {
        if (refusal != null) {
            return true;
        }
        if (drainDeadline == null) {
            return false;
        }
        boolean late = nanoTime.getAsLong() - drainDeadline >= FAREWELL.toNanos();
        return late || (state.holdsNothing() && farewellSaid);
    }

    private void act() {
        long now = nanoTime.getAsLong();
        apply(state.expire(now));
        if (drainDeadline != null && !stoppedAll && now - drainDeadline >= 0) {
            stoppedAll = true;
            apply(state.stopAll("the agent is stopping"));
            hurry();
        }
        if (underWay == null && now - nextCall >= 0) {
            call(now);
        }
    }

    private void call(long now) {
        SynchronizeRequest request = state.request(description.get());
        long patience = state.longestWait().plus(timing.answer()).toNanos();
        ListenableFuture<SynchronizeResponse> future =
                coordinator.withDeadlineAfter(patience, TimeUnit.NANOSECONDS).synchronize(request);
        Call call = new Call(request, future, now);
        underWay = call;
        Futures.addCallback(
                future,
                new FutureCallback<>() {
                    @Override
                    public void onSuccess(SynchronizeResponse answer) {
                        mailbox.add(new Event.Answered(call, answer));
                    }

                    @Override
                    public void onFailure(Throwable error) {
                        mailbox.add(new Event.Failed(call, Status.fromThrowable(error)));
                    }
                },
                MoreExecutors.directExecutor());
    }

    private void handle(Event event) {
        switch (event) {
            case Event.Answered(Call call, SynchronizeResponse answer) -> {
                if (call.is(underWay)) {
                    underWay = null;
                    answered(call, answer);
                }
            }
            case Event.Failed(Call call, Status status) -> {
                if (call.is(underWay)) {
                    underWay = null;
                    failed(call, status);
                }
            }
            case Event.Over(long fence, Outcome outcome) -> {
                state.ended(fence, outcome);
                hurry();
            }
            case Event.Drain(Duration patience) -> {
                state.drain();
                drainDeadline = nanoTime.getAsLong() + patience.toNanos();
                hurry();
            }
            case Event.News() -> hurry();
        }
    }

    private void answered(Call call, SynchronizeResponse answer) {
        long now = nanoTime.getAsLong();
        backoff.reset();
        if (away) {
            away = false;
            LOG.info("the coordinator answers again");
        }
        hear(answer);
        farewellSaid = call.request().getDraining() && call.request().getLeasesCount() == 0;
        int slots = call.request().getDescription().getSlots();
        List<Effect> effects = state.answered(answer, slots, call.sentAt(), now);
        apply(effects);
        boolean brought = !effects.isEmpty()
                || answer.getAssignmentsCount() + answer.getStopFencesCount() + answer.getSettledFencesCount() > 0;
        nextCall = brought || moreToSay
                ? now
                : call.sentAt() + timing.unconfirmed().toNanos();
        moreToSay = false;
    }

    /** What operators want of this agent, said when it changes. */
    private void hear(SynchronizeResponse answer) {
        if (answer.getDrained() != drained) {
            LOG.info(
                    answer.getDrained()
                            ? "drained by an operator: takes nothing new until it is resumed"
                            : "resumed by an operator");
        }
        if (!answer.getWithheld().equals(withheld) && !answer.getWithheld().isEmpty()) {
            LOG.warn(
                    "offers {}, which its invitation does not permit: it gets no slices for that",
                    answer.getWithheld());
        }
        drained = answer.getDrained();
        withheld = answer.getWithheld();
    }

    private void failed(Call call, Status status) {
        state.failed();
        if (status.getCode() == Status.Code.PERMISSION_DENIED) {
            refusal = why(status);
            return;
        }
        if (call.request().getDraining() && state.holdsNothing()) {
            farewellSaid = true;
        }
        String why = why(status);
        if (!away) {
            away = true;
            if (status.getCode() == Status.Code.ALREADY_EXISTS) {
                // After a restart the name is free within seconds; if it is not, the line says what to do.
                LOG.warn("the coordinator does not take this agent yet ({}); trying again until it does", why);
            } else {
                LOG.warn("the coordinator does not answer as it should ({}); trying again until it does", why);
            }
        } else {
            LOG.debug("the coordinator still does not answer: {}", why);
        }
        Duration pause = status.getCode() == Status.Code.ALREADY_EXISTS ? backoff.first() : backoff.next();
        nextCall = nanoTime.getAsLong() + pause.toNanos();
    }

    /** What a person needs to know of a failed call, such as "Connection refused: /127.0.0.1:7420". */
    public static String why(Status status) {
        Optional<String> insecure = TlsFailure.explain(status, "the coordinator");
        if (insecure.isPresent()) {
            return insecure.get();
        }
        Throwable cause = status.getCause();
        if (cause != null && cause.getMessage() != null) {
            return cause.getMessage();
        }
        return status.getDescription() == null ? status.getCode().name() : status.getDescription();
    }

    /** Calls now; not before the backoff has passed, if the coordinator is away. */
    private void hurry() {
        if (underWay != null && underWay.waits()) {
            giveUpCall();
        }
        moreToSay = underWay != null;
        if (!away) {
            nextCall = nanoTime.getAsLong();
        }
    }

    private void giveUpCall() {
        if (underWay != null) {
            Call given = underWay;
            underWay = null;
            given.future().cancel(false);
        }
    }

    private void apply(List<Effect> effects) {
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Start(var assignment) -> attempts.start(assignment);
                case Effect.Stop(long fence, String reason) -> {
                    LOG.info("attempt with lease {} is stopped: {}", fence, reason);
                    attempts.stop(fence);
                }
            }
        }
    }

    private long untilNextTimer() {
        long now = nanoTime.getAsLong();
        long next = state.nextExpiry(now);
        if (underWay == null && nextCall - next < 0) {
            next = nextCall;
        }
        if (drainDeadline != null) {
            long deadline = stoppedAll ? drainDeadline + FAREWELL.toNanos() : drainDeadline;
            next = deadline - next < 0 ? deadline : next;
        }
        return Math.max(0, next - now);
    }
}
