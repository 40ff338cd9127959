package dev.sheaf.image.tag;

import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.registry.ManifestContent;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RegistryException;
import dev.sheaf.image.registry.RetryPolicy;
import java.time.Duration;
import java.util.Optional;

/** Points a tag to content that the registry has under its digest already, and reads it back. */
public final class TagPointer {
    /** A registry with replicas may show a move late: it is read so often, within about 15 s, before that is believed. */
    private static final int READS = 6;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

    private final RetryPolicy.Sleeper sleeper;

    /** Waits with this sleeper between reads of a tag that does not show its move. */
    public TagPointer(RetryPolicy.Sleeper sleeper) {
        this.sleeper = sleeper;
    }

    /** Empty: the tag points there. Otherwise one sentence that says why it does not. */
    public Optional<String> point(Registry registry, ImageReference tag, ManifestContent content)
            throws RegistryException, InterruptedException {
        return point(registry, tag, content, () -> {});
    }

    /**
     * The same.
     *
     * @param before runs right before each request that writes; what it throws ends the call
     */
    public Optional<String> point(Registry registry, ImageReference tag, ManifestContent content, Runnable before)
            throws RegistryException, InterruptedException {
        if (isAt(registry, tag, content.digest())) {
            return Optional.empty();
        }
        try {
            registry.put(tag.repository(), tag.target(), content.mediaType(), content.bytes(), before);
        } catch (RegistryException.Refused e) {
            return stayed(registry, tag, content, e);
        } catch (RegistryException.Authentication e) {
            // The same login has just put the same bytes under their digest: it is the tag that is protected.
            if (e.isForbidden()) {
                return stayed(registry, tag, content, e);
            }
            throw e;
        }
        return readBack(registry, tag, content.digest());
    }

    /** A tag that was refused may have been moved by an earlier call, whose answer was lost, and be protected since. */
    private static Optional<String> stayed(
            Registry registry, ImageReference tag, ManifestContent content, RegistryException e)
            throws InterruptedException {
        return isAt(registry, tag, content.digest())
                ? Optional.empty()
                : Optional.of("the registry took the index as " + tag.name() + "@" + content.digest()
                        + " and refuses to move the tag " + tag
                        + ", which may be immutable; choose another tag, or allow this one to move: "
                        + e.getMessage());
    }

    /** A tag that cannot be read may be one that its registry broke, which moving it repairs: so trouble means no. */
    private static boolean isAt(Registry registry, ImageReference tag, Digest digest) throws InterruptedException {
        try {
            return registry.head(tag.repository(), tag.target())
                    .map(found -> found.digest().equals(digest))
                    .orElse(false);
        } catch (RegistryException _) {
            return false;
        }
    }

    private Optional<String> readBack(Registry registry, ImageReference tag, Digest digest)
            throws RegistryException, InterruptedException {
        Duration pause = FIRST_PAUSE;
        for (int read = 1; ; read++) {
            Optional<Digest> found = read(registry, tag);
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

    private static Optional<Digest> read(Registry registry, ImageReference tag)
            throws RegistryException, InterruptedException {
        try {
            return Optional.of(registry.get(tag.repository(), tag.target()).digest());
        } catch (RegistryException.NotFound _) {
            return Optional.empty();
        }
    }
}
