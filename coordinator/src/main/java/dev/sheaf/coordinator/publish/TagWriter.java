package dev.sheaf.coordinator.publish;

import dev.sheaf.coordinator.publish.Targets.Target;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.MediaType;
import dev.sheaf.image.registry.RegistryException;
import java.util.function.BooleanSupplier;

/**
 * The only way to write a tag: registries take whatever comes last, so that a coordinator from which another has taken
 * over must not write. It is asked right before each request, repetitions too.
 */
final class TagWriter {
    private final BooleanSupplier leads;

    /** Asks this whether it still leads, for longer than a request takes to arrive. */
    TagWriter(BooleanSupplier leads) {
        this.leads = leads;
    }

    /**
     * Points the tag to an index.
     *
     * @throws NotLeadingException nothing was sent
     */
    void write(ImageReference tag, Target target, MediaType mediaType, byte[] bytes)
            throws RegistryException, InterruptedException {
        target.registry().put(target.repository(), tag.tag().orElseThrow(), mediaType, bytes, before(tag));
    }

    /** To run right before each request that moves the tag; throws {@link NotLeadingException}. */
    Runnable before(ImageReference tag) {
        return () -> requireLead(tag);
    }

    private void requireLead(ImageReference tag) {
        if (!leads.getAsBoolean()) {
            throw new NotLeadingException(tag);
        }
    }

    /** The tag is left to who leads. */
    static final class NotLeadingException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private NotLeadingException(ImageReference tag) {
            super("the tag " + tag
                    + " is left to the coordinator that leads: this one does not, or not for long enough");
        }
    }
}
