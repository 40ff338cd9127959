package dev.sheaf.faults.oracle;

import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildEvent;
import java.util.List;
import java.util.Map;

/**
 * What is known of a farm after a test.
 *
 * @param builds every build that was accepted
 * @param indexes what registries hold under the tags of those builds, by image reference; a tag that does not exist is
 *     left out
 * @param leases every lease that a scripted agent was given, in order
 */
public record History(List<Story> builds, Map<String, Tag> indexes, List<Lease> leases) {
    /** One build: as it stands, and its events. */
    public record Story(Build build, List<BuildEvent> events) {}

    /**
     * What a tag names.
     *
     * @param platforms digests of the manifests by platform, attestations left out; a doubled platform shows as "twice"
     * @param children every digest that the index names; true: the registry has it
     */
    public record Tag(String digest, Map<String, String> platforms, Map<String, Boolean> children) {}

    /** A slice in the hands of an agent. */
    public record Lease(String build, String platform, long fence, int attempt, boolean isSettled) {}
}
