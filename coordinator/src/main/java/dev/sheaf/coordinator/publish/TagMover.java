package dev.sheaf.coordinator.publish;

import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.dispatch.IndexPublisher.TagGate;
import dev.sheaf.coordinator.publish.Targets.Target;
import dev.sheaf.image.ImageIndex;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.registry.ManifestContent;
import dev.sheaf.image.registry.RegistryException;
import dev.sheaf.image.registry.RetryPolicy;
import dev.sheaf.image.tag.TagPointer;
import java.util.List;
import java.util.Optional;

/** Moves tags to an index that is there, one after the other, and reads each back. */
final class TagMover {
    private final TagPointer pointer;
    private final TagWriter writer;

    TagMover(RetryPolicy.Sleeper sleeper, TagWriter writer) {
        this.pointer = new TagPointer(sleeper);
        this.writer = writer;
    }

    /**
     * Empty: every tag points to the index. Otherwise why the first that does not cannot be moved.
     *
     * @param gate hears of each tag that does
     */
    Optional<Failure> move(List<ImageReference> tags, List<Target> targets, ImageIndex index, TagGate gate)
            throws RegistryException, InterruptedException {
        ManifestContent content = new ManifestContent(index.mediaType(), index.bytes());
        for (ImageReference tag : tags) {
            Target target = targets.stream()
                    .filter(candidate -> candidate.reference().name().equals(tag.name()))
                    .findFirst()
                    .orElseThrow();
            Optional<String> refusal = pointer.point(target.registry(), tag, content, writer.before(tag));
            if (refusal.isPresent()) {
                return Optional.of(Failure.of(Failure.Kind.REGISTRY, refusal.get()));
            }
            gate.moved(tag, index.digest());
        }
        return Optional.empty();
    }
}
