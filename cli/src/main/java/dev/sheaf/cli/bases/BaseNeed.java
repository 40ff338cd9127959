package dev.sheaf.cli.bases;

import dev.sheaf.dockerfile.BaseUse;
import dev.sheaf.dockerfile.BuildGraph;
import dev.sheaf.dockerfile.BuildScope;
import dev.sheaf.dockerfile.BuildSelection;
import dev.sheaf.dockerfile.Dockerfile;
import dev.sheaf.dockerfile.DockerfileException;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * An image that a build needs.
 *
 * @param reference in full
 * @param platforms it is needed for these. Empty: that depends on the machine that builds
 * @param line of the Dockerfile that names it first
 */
public record BaseNeed(ImageReference reference, Set<Platform> platforms, int line) {
    /** The most images of one build. */
    public static final int MAX_BASES = 200;

    private static final Platform ELSEWHERE = Platform.of("linux", "elsewhere");

    public BaseNeed {
        platforms = Set.copyOf(platforms);
    }

    /** The images that a target needs on any of the platforms, and the frontend's. */
    public static List<BaseNeed> of(Dockerfile file, BuildSelection wanted) throws DockerfileException {
        Map<ImageReference, BaseNeed> needs = new LinkedHashMap<>();
        file.frontend(wanted.arguments())
                .flatMap(Dockerfile::frontendImage)
                .ifPresent(image -> add(needs, new BaseNeed(image, Set.of(), 1)));
        for (Platform platform : wanted.platforms()) {
            uses(file, wanted, platform).forEach(need -> add(needs, need));
        }
        if (needs.size() > MAX_BASES) {
            throw tooMany(needs.size());
        }
        return List.copyOf(needs.values());
    }

    private static List<BaseNeed> uses(Dockerfile file, BuildSelection wanted, Platform platform)
            throws DockerfileException {
        BuildScope here = new BuildScope(platform, platform, wanted.arguments());
        BuildScope elsewhere = new BuildScope(platform, ELSEWHERE, wanted.arguments());
        List<BaseUse> uses = BuildGraph.of(file, wanted.target(), here).bases();
        // What is the same wherever it is built does not depend on the machine that builds.
        Collection<BaseUse> anywhere =
                BuildGraph.of(file, wanted.target(), elsewhere).bases();
        List<BaseNeed> needs = new ArrayList<>();
        for (BaseUse use : uses) {
            Optional<Platform> needed = anywhere.contains(use) ? platform(use, platform) : Optional.empty();
            use.image()
                    .ifPresent(image -> needs.add(new BaseNeed(
                            image,
                            needed.map(Set::of).orElse(Set.of()),
                            use.instruction().firstLine())));
        }
        return needs;
    }

    private static Optional<Platform> platform(BaseUse use, Platform slice) {
        if (use.platform().isEmpty()) {
            return Optional.of(slice);
        }
        try {
            return Optional.of(Platform.parse(use.platform().get()));
        } catch (IllegalArgumentException _) {
            return Optional.empty(); // the engine says what is wrong with it
        }
    }

    private static void add(Map<ImageReference, BaseNeed> needs, BaseNeed need) {
        needs.merge(need.reference(), need, (before, more) -> {
            Set<Platform> both = new TreeSet<>(before.platforms());
            both.addAll(more.platforms());
            return new BaseNeed(before.reference(), both, before.line());
        });
    }

    private static DockerfileException tooMany(int found) {
        return new DockerfileException(
                "the Dockerfile takes from " + found + " images, and at most " + MAX_BASES + " are pinned");
    }
}
