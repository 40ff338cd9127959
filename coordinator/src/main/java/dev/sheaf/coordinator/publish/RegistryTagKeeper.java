package dev.sheaf.coordinator.publish;

import dev.sheaf.coordinator.dispatch.Attachments;
import dev.sheaf.coordinator.dispatch.TagKeeper;
import dev.sheaf.coordinator.publish.Targets.Target;
import dev.sheaf.coordinator.store.Stored;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.registry.ManifestContent;
import dev.sheaf.image.registry.RegistryException;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts tags right that a registry broke. One that is killed while it writes a tag may afterwards not know it, or answer
 * 5xx for it until it is written again; both are repaired from the index, which is there under its digest.
 */
public final class RegistryTagKeeper implements TagKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryTagKeeper.class);

    private final RegistryAccess access;
    private final TagWriter writer;

    /**
     * Looks through this access.
     *
     * @param leads whether this coordinator leads, for longer than a request takes to arrive: asked before each tag
     */
    public RegistryTagKeeper(RegistryAccess access, BooleanSupplier leads) {
        this.access = access;
        this.writer = new TagWriter(leads);
    }

    @Override
    public void keep(Stored.Tag tag, Set<Digest> older, Attachments attachments) throws InterruptedException {
        Target target = Targets.of(tag.build(), tag.tag(), attachments, access);
        try {
            if (isRight(target, tag, older)) {
                return;
            }
            ManifestContent index = target.get(tag.index());
            writer.write(tag.tag(), target, index.mediaType(), index.bytes());
            LOG.warn("the tag {} was wrong in its registry, and points to {} again", tag.tag(), tag.index());
        } catch (TagWriter.NotLeadingException e) {
            LOG.warn("{}", e.getMessage());
        } catch (RegistryException e) {
            LOG.warn("the tag {} cannot be looked after now: {}", tag.tag(), e.getMessage());
        }
    }

    /** What nobody of ours has put there is somebody else's will. */
    private static boolean isRight(Target target, Stored.Tag tag, Set<Digest> older)
            throws RegistryException, InterruptedException {
        try {
            Optional<Descriptor> found =
                    target.registry().head(target.repository(), tag.tag().tag().orElseThrow());
            return found.isPresent() && !older.contains(found.get().digest());
        } catch (RegistryException.Unavailable e) {
            // The tag alone is broken if its repository answers.
            target.get(tag.index());
            return false;
        }
    }
}
