package dev.sheaf.coordinator.dispatch;

import dev.sheaf.coordinator.store.Stored;
import dev.sheaf.image.Digest;
import java.util.Set;

/**
 * Looks after tags that were moved lately. A registry that crashes may break a tag that it has confirmed, and a process
 * of ours that was paused may move a tag late; both are put right. Called on a virtual thread, may block.
 */
@FunctionalInterface
public interface TagKeeper {
    /**
     * Looks at a tag, and moves it again if it is broken or points to what an older build had moved it to. What anybody
     * else moved it to stays. Failures are logged: the next look comes.
     *
     * @param older indexes that the tag pointed to before
     * @param attachments credentials, as far as they are still there
     */
    void keep(Stored.Tag tag, Set<Digest> older, Attachments attachments) throws InterruptedException;
}
