package dev.sheaf.cli.build;

import dev.sheaf.cli.bases.LockWish;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import dev.sheaf.v1.ArchitectureCheck;
import dev.sheaf.v1.Secret;
import dev.sheaf.v1.Smoke;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the user asked of {@code sheaf build}, checked.
 *
 * @param provenance value of BuildKit's attribute; empty: none
 */
record BuildOptions(
        String source,
        Optional<String> dockerfile,
        List<Platform> platforms,
        List<ImageReference> tags,
        boolean push,
        Map<String, String> buildArgs,
        Map<String, String> labels,
        String target,
        boolean noCache,
        boolean pull,
        List<Secret> secrets,
        String provenance,
        ArchitectureCheck architectureCheck,
        Optional<Duration> waitForAgents,
        Optional<Smoke> smoke,
        boolean detach,
        LockWish lock,
        ResultFlags.Wanted results) {

    List<String> tagNames() {
        return tags.stream().map(ImageReference::toString).toList();
    }

    @Override
    public String toString() {
        return "BuildOptions[" + source + "]"; // not the secrets
    }
}
