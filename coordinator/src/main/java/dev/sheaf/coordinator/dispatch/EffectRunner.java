package dev.sheaf.coordinator.dispatch;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.dispatch.IndexPublisher.Publication;
import dev.sheaf.coordinator.dispatch.SliceVerifier.Verdict;
import dev.sheaf.coordinator.queue.api.Effect;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out effects: tells events at once, asks the registry on threads of their own and reports back. */
final class EffectRunner {
    private static final Logger log = LoggerFactory.getLogger(EffectRunner.class);

    private final Dispatcher dispatcher;
    private final BuildEvents events;
    private final SliceVerifier verifier;
    private final IndexPublisher publisher;
    private final TagKeeper tags;
    private final Executor executor;

    EffectRunner(Dispatcher dispatcher, Dispatcher.Ports ports, Executor executor) {
        this.dispatcher = dispatcher;
        this.events = ports.events();
        this.verifier = ports.verifier();
        this.publisher = ports.publisher();
        this.tags = ports.tags();
        this.executor = executor;
    }

    void run(Effect effect) {
        try {
            switch (effect) {
                case Effect.BuildChanged changed -> events.buildChanged(changed.build());
                case Effect.SliceChanged changed -> events.sliceChanged(changed.slice());
                case Effect.Notice notice -> events.notice(notice.build(), notice.platform(), notice.text());
                case Effect.Forget forget -> events.buildForgotten(forget.build());
                case Effect.Verify verify -> executor.execute(() -> verify(verify));
                case Effect.Publish publish -> executor.execute(() -> publish(publish));
                case Effect.CheckTag check -> executor.execute(() -> check(check));
                case Effect.Keep _, Effect.Release _, Effect.ReleaseSecrets _ ->
                    throw new IllegalStateException("carried out under the lock: " + effect);
            }
        } catch (RejectedExecutionException e) {
            log.debug("closed before {}", effect.getClass().getSimpleName());
        } catch (RuntimeException e) {
            log.error("an event could not be told: {}", effect, e);
        }
    }

    private void verify(Effect.Verify verify) {
        Verdict verdict;
        try {
            verdict = verifier.verify(
                    verify.request(),
                    verify.lease().slice(),
                    verify.digest(),
                    attachments(verify.lease().build()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
            return;
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            log.error("verifying {} broke", verify.lease(), e);
            verdict = new Verdict.Unavailable(broke("verifying " + verify.digest(), e));
        }
        Verdict found = verdict;
        dispatcher.step(step -> {
            switch (found) {
                case Verdict.Verified verified -> step.queue().verified(step.now(), verify.lease(), verified.image());
                case Verdict.Unavailable unavailable ->
                    step.queue().verifyFailed(step.now(), verify.lease(), unavailable.failure());
                case Verdict.Refused refused ->
                    step.queue().verifyRefused(step.now(), verify.lease(), refused.failure());
            }
        });
    }

    private void publish(Effect.Publish publish) {
        BuildId build = publish.build().id();
        Publication publication;
        try {
            publication = publisher.publish(
                    publish.build(), publish.tags(), attachments(build), new Gate(dispatcher, events, build));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
            return;
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            log.error("publishing build {} broke", build, e);
            publication = new Publication.Unavailable(broke("publishing", e));
        }
        Publication ended = publication;
        dispatcher.step(step -> {
            switch (ended) {
                case Publication.Published published -> step.queue().published(step.now(), build, published.index());
                case Publication.Unavailable unavailable ->
                    step.queue().publishFailed(step.now(), build, unavailable.failure());
                case Publication.Refused refused -> step.queue().publishRefused(step.now(), build, refused.failure());
                case Publication.Incomplete incomplete ->
                    step.queue().publishIncomplete(step.now(), build, incomplete.missing(), incomplete.failure());
                case Publication.Abandoned _ ->
                    step.queue()
                            .publishFailed(
                                    step.now(),
                                    build,
                                    Failure.of(Failure.Kind.INFRASTRUCTURE, "publishing was given up"));
            }
        });
    }

    /** Of one build. */
    private record Gate(Dispatcher dispatcher, BuildEvents events, BuildId build) implements IndexPublisher.TagGate {
        @Override
        public boolean open(Digest index) throws InterruptedException {
            return dispatcher.openTagGate(build, index);
        }

        @Override
        public void moved(ImageReference tag, Digest index) {
            dispatcher.step(step -> step.queue().tagMoved(step.now(), build, tag, index));
        }

        @Override
        public void notice(String text) {
            events.notice(build, Optional.empty(), text);
        }
    }

    private void check(Effect.CheckTag check) {
        try {
            tags.keep(check.tag(), check.older(), attachments(check.tag().build()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        } catch (RuntimeException e) {
            log.error("looking after the tag {} broke", check.tag().tag(), e);
        }
    }

    private Attachments attachments(BuildId build) {
        return dispatcher.attachments(build).orElse(Attachments.NONE);
    }

    private static Failure broke(String what, Throwable e) {
        return Failure.of(
                Failure.Kind.INFRASTRUCTURE,
                what + " broke in the coordinator (" + e.getClass().getSimpleName() + "): see its log");
    }
}
