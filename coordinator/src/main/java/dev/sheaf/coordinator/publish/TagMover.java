package dev.sheaf.coordinator.publish;

import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.dispatch.IndexPublisher.TagGate;
import dev.sheaf.coordinator.publish.Targets.Target;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageIndex;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.registry.RegistryException;
import dev.sheaf.image.registry.RetryPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Moves tags to an index that is there, one after the other, and reads each back. */
final class TagMover {
    /** A registry with replicas may show a move late: it is read so often, within about 15 s, before that is believed. */
    private static final int READS = 6;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

    private final RetryPolicy.Sleeper sleeper;
    private final TagWriter writer;

    TagMover(RetryPolicy.Sleeper sleeper, TagWriter writer) {
        this.sleeper = sleeper;
        this.writer = writer;
    }

    /**
     * Empty: every tag points to the index. Otherwise why the first that does not cannot be moved.
     *
     * @param gate hears of each tag that does
     */
    Optional<Failure> move(List<ImageReference> tags, List<Target> targets, ImageIndex index, TagGate gate)
            throws RegistryException, InterruptedException {
        for (ImageReference tag : tags) {
            Target target = targets.stream()
                    .filter(candidate -> candidate.reference().name().equals(tag.name()))
                    .findFirst()
                    .orElseThrow();
            Optional<String> refusal = move(tag, target, index);
            if (refusal.isPresent()) {
                return Optional.of(Failure.of(Failure.Kind.REGISTRY, refusal.get()));
            }
            gate.moved(tag, index.digest());
        }
        return Optional.empty();
    }

    private Optional<String> move(ImageReference tag, Target target, ImageIndex index)
            throws RegistryException, InterruptedException {
        String name = tag.tag().orElseThrow();
        if (isAt(target, name, index.digest())) {
            return Optional.empty();
        }
        try {
            writer.write(tag, target, index.mediaType(), index.bytes());
        } catch (RegistryException.Refused e) {
            return stayed(tag, target, index, e);
        } catch (RegistryException.Authentication e) {
            // The same login has just put the same bytes under their digest: it is the tag that is protected.
            if (e.isForbidden()) {
                return stayed(tag, target, index, e);
            }
            throw e;
        }
        return readBack(tag, target, index.digest());
    }

    /** A tag that was refused may have been moved by an earlier call, whose answer was lost, and be protected since. */
    private static Optional<String> stayed(ImageReference tag, Target target, ImageIndex index, RegistryException e)
            throws InterruptedException {
        return isAt(target, tag.tag().orElseThrow(), index.digest())
                ? Optional.empty()
                : Optional.of(immutable(tag, index, e));
    }

    /** A tag that cannot be read may be one that its registry broke, which moving it repairs: so trouble means no. */
    private static boolean isAt(Target target, String tag, Digest digest) throws InterruptedException {
        try {
            return target.registry()
                    .head(target.repository(), tag)
                    .map(found -> found.digest().equals(digest))
                    .orElse(false);
        } catch (RegistryException _) {
            return false;
        }
    }

    private Optional<String> readBack(ImageReference tag, Target target, Digest digest)
            throws RegistryException, InterruptedException {
        Duration pause = FIRST_PAUSE;
        for (int read = 1; ; read++) {
            Optional<Digest> found = read(tag, target);
            if (found.equals(Optional.of(digest))) {
                return Optional.empty();
            }
            if (read == READS) {
                return Optional.of("the tag " + tag + " was moved to " + digest + " and points to "
                        + found.map(Digest::value).orElse("nothing")
                        + "; somebody else moved it at the same time, or the registry does not keep what it is given");
            }
            sleeper.sleep(pause);
            pause = pause.multipliedBy(2);
        }
    }

    private static Optional<Digest> read(ImageReference tag, Target target)
            throws RegistryException, InterruptedException {
        try {
            return Optional.of(target.registry()
                    .get(target.repository(), tag.tag().orElseThrow())
                    .digest());
        } catch (RegistryException.NotFound _) {
            return Optional.empty();
        }
    }

    private static String immutable(ImageReference tag, ImageIndex index, RegistryException e) {
        return "the registry took the index as " + tag.name() + "@" + index.digest() + " and refuses to move the tag "
                + tag + ", which may be immutable; choose another tag, or allow this one to move: " + e.getMessage();
    }
}
