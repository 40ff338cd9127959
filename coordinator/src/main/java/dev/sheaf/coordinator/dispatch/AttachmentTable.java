package dev.sheaf.coordinator.dispatch;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.store.Stored;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What builds brought that is secret, in memory only. Guarded by its owner's lock. */
final class AttachmentTable {
    private final Map<BuildId, Attachments> byBuild = new HashMap<>();

    /** Open builds that brought nothing secret have all that they need. */
    void restore(Stored stored) {
        stored.builds().stream()
                .filter(build -> build.end().isEmpty() && !build.hasAttachments())
                .forEach(build -> hold(build.id(), Attachments.NONE));
    }

    /** What is there already stays: it is the same. */
    void hold(BuildId build, Attachments brought) {
        byBuild.putIfAbsent(build, brought);
    }

    Optional<Attachments> find(BuildId build) {
        return Optional.ofNullable(byBuild.get(build));
    }

    void releaseSecrets(BuildId build) {
        byBuild.computeIfPresent(build, (_, all) -> all.withoutSecrets());
    }

    void release(BuildId build) {
        byBuild.remove(build);
    }

    Map<BuildId, Attachments> all() {
        return Map.copyOf(byBuild);
    }
}
