package dev.sheaf.agent.engine.classic;

import dev.sheaf.image.Digest;
import dev.sheaf.v1.BuildSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What an image is called in the classic store between its build and its end there.
 *
 * @param owned the name that says whose it is; nothing can be pushed under it
 * @param tag the same under all names: one attempt's, and nobody else's
 * @param repositories where it is pushed to
 */
record TemporaryNames(String owned, String tag, List<String> repositories) {

    private static final int MAX_TAG_CHARACTERS = 128;
    private static final int OWNER_DIGITS = 12;

    TemporaryNames {
        repositories = List.copyOf(repositories);
    }

    /**
     * Names for one attempt.
     *
     * @param owner the agent
     * @param attempt what tells this attempt from all others, of letters, digits, _ . and -
     * @param spec whose tags no temporary one may be
     */
    static TemporaryNames of(String owner, String attempt, BuildSpec spec, List<String> repositories) {
        String name = "sheaf-" + attempt;
        String tag = name.substring(0, Math.min(name.length(), MAX_TAG_CHARACTERS));
        if (spec.getTagsList().stream().anyMatch(wanted -> wanted.endsWith(":" + tag))) {
            throw new IllegalArgumentException(
                    "the tag " + tag + " is that of an attempt and cannot be one of the build's own; choose another");
        }
        return new TemporaryNames(owned(owner), tag, repositories);
    }

    /** The repository under which all images of this agent stand; of a domain that never is (RFC 2606). */
    static String owned(String owner) {
        String hash = Digest.of(owner.getBytes(StandardCharsets.UTF_8)).value();
        int start = hash.indexOf(':') + 1;
        return "sheaf.invalid/agent-" + hash.substring(start, start + OWNER_DIGITS);
    }

    /** Every name, with its tag. */
    List<String> all() {
        List<String> names = new ArrayList<>();
        names.add(owned + ":" + tag);
        repositories.forEach(repository -> names.add(repository + ":" + tag));
        return names;
    }
}
