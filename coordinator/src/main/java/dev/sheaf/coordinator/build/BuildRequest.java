package dev.sheaf.coordinator.build;

import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import dev.sheaf.image.arch.Policy;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to build. Holds nothing secret.
 *
 * @param idempotencyKey made by the submitter: the same key is the same build
 * @param platforms at least one, each once; each becomes a slice
 * @param tags references with a tag, moved together at the end
 * @param push push, stitch and move the tags; false: build only, as a check
 * @param waitForAgents how long to wait for an agent that proves a platform nobody proves now; empty: not at all
 * @param submitter who wants it; empty: somebody on the coordinator's machine
 */
public record BuildRequest(
        String idempotencyKey,
        List<Platform> platforms,
        List<ImageReference> tags,
        boolean push,
        Source source,
        Options options,
        Optional<Duration> waitForAgents,
        Optional<Submitter> submitter) {
    /** Longest wait for an agent. */
    public static final Duration MAX_WAIT = Duration.ofDays(7);

    /** Where the files come from. */
    public sealed interface Source {
        /** A ContextTree in the context store. */
        record Tree(Digest digest) implements Source {}

        /** A git or HTTP URL that the engine fetches. */
        record Url(String url) implements Source {}
    }

    /**
     * How to build; the words of the wire's BuildSpec, empty strings included.
     *
     * @param provenance value of the attest:provenance attribute; empty: none
     * @param contextKey identity of the context across builds; empty: no local context
     * @param policy how the content is checked before anything is published; empty: as an older version took it, not
     * @param smoke what must succeed in each image before anything is published; empty: nothing
     * @param bases the images that the build takes something from, as they were when it was submitted
     */
    public record Options(
            String dockerfile,
            String target,
            Map<String, String> buildArgs,
            Map<String, String> labels,
            Switches switches,
            String provenance,
            String contextKey,
            Optional<Policy> policy,
            Optional<Smoke> smoke,
            List<BasePin> bases) {
        public Options {
            buildArgs = Map.copyOf(buildArgs);
            labels = Map.copyOf(labels);
            bases = bases == null ? List.of() : List.copyOf(bases); // null: stored before there were pins
        }

        /** Everything as the frontend has it by default. */
        public static Options defaults() {
            Switches none = new Switches(false, false);
            return new Options("", "", Map.of(), Map.of(), none, "", "", Optional.empty(), Optional.empty(), List.of());
        }
    }

    /**
     * Options that are on or off.
     *
     * @param pull resolve base images anew even if the engine has them
     */
    public record Switches(boolean noCache, boolean pull) {}

    /**
     * A command that must succeed in each image of a build before anything is published.
     *
     * @param command program and arguments; no shell reads them
     */
    public record Smoke(List<String> command, Duration timeout) {
        /** If nothing else is said. */
        public static final Duration USUAL_TIMEOUT = Duration.ofSeconds(60);

        static final Duration MIN_TIMEOUT = Duration.ofSeconds(1);
        static final Duration MAX_TIMEOUT = Duration.ofHours(1);
        static final int MAX_WORDS = 100;
        static final int MAX_CHARACTERS = 4096; // of all words

        /** Refuses what cannot be run, in one line. */
        public Smoke {
            command = List.copyOf(command);
            if (command.isEmpty() || command.getFirst().isEmpty()) {
                throw new IllegalArgumentException("a smoke test needs a program to run, found none");
            }
            int characters = command.stream().mapToInt(String::length).sum();
            if (command.size() > MAX_WORDS || characters > MAX_CHARACTERS) {
                throw new IllegalArgumentException(
                        "a smoke test has at most " + MAX_WORDS + " words and " + MAX_CHARACTERS + " characters, found "
                                + command.size() + " and " + characters + "; put it into a script");
            }
            if (command.stream().anyMatch(word -> word.indexOf(0) >= 0)) {
                throw new IllegalArgumentException(
                        "a smoke test's command holds a NUL character, which no program can get");
            }
            if (timeout.compareTo(MIN_TIMEOUT) < 0 || timeout.compareTo(MAX_TIMEOUT) > 0) {
                throw new IllegalArgumentException("a smoke test may take " + MIN_TIMEOUT.toSeconds() + " s to "
                        + MAX_TIMEOUT.toHours() + " h, found " + timeout.toSeconds() + " s");
            }
        }
    }

    /**
     * An image that a build takes something from.
     *
     * @param reference in full, as the Dockerfile names it
     * @param digest what it pointed to when the build was submitted: every slice builds with that
     * @param platforms what can be had under the digest; empty: it does not say
     */
    public record BasePin(String reference, Digest digest, List<Platform> platforms) {
        public BasePin {
            platforms = List.copyOf(platforms);
        }
    }

    /** Who wants a build, and for which team. */
    public record Submitter(String user, String team) {}

    /**
     * The wish to publish again what a build made.
     *
     * @param idempotencyKey made by who asks: the same key is the same wish
     * @param tags moved instead of that build's, each in a repository that it pushed to; empty: its own
     */
    public record Stitching(
            BuildId of, String idempotencyKey, List<ImageReference> tags, Optional<Submitter> submitter) {
        public Stitching {
            tags = List.copyOf(tags);
        }
    }

    /** Whose build it is. Empty: it came in clear text, from the coordinator's machine. */
    public String team() {
        return submitter.map(Submitter::team).orElse("");
    }

    public BuildRequest {
        platforms = List.copyOf(platforms);
        tags = List.copyOf(tags);
        if (idempotencyKey.isBlank()) {
            throw new IllegalArgumentException("a build needs an idempotency key, found an empty one");
        }
        if (platforms.isEmpty()) {
            throw new IllegalArgumentException("a build needs at least one platform, found none");
        }
        if (new LinkedHashSet<>(platforms).size() != platforms.size()) {
            throw new IllegalArgumentException("a build names each platform once, found " + platforms);
        }
        waitForAgents
                .filter(wait -> wait.isNegative() || wait.compareTo(MAX_WAIT) > 0)
                .ifPresent(wait -> {
                    throw new IllegalArgumentException(
                            "a build waits for agents between 0 and " + MAX_WAIT.toDays() + " days, found " + wait);
                });
        if (push && tags.isEmpty()) {
            throw new IllegalArgumentException("a build that pushes needs at least one tag, found none");
        }
        if (!push && options.smoke().isPresent()) {
            throw new IllegalArgumentException("a smoke test runs what was pushed, and this build does not push");
        }
    }
}
