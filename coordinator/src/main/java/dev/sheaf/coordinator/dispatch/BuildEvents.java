package dev.sheaf.coordinator.dispatch;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.SliceSnapshot;
import dev.sheaf.image.Platform;
import java.util.Optional;

/**
 * Hears what happens to builds: one call at a time, in the order it happened, outside of the dispatcher's lock and
 * after it is durable. A build is first heard of by {@code buildChanged}, and last by {@code buildChanged} with a
 * terminal state (later only {@code buildForgotten}). The call that caused an event returns after the event was heard.
 * Implementations return quickly, and may ask the dispatcher but not change it.
 */
public interface BuildEvents {
    void buildChanged(BuildSnapshot build);

    void sliceChanged(SliceSnapshot slice);

    /**
     * A line for the user.
     *
     * @param platform the slice it is about; empty: the whole build
     */
    void notice(BuildId build, Optional<Platform> platform, String text);

    /** The build ended long ago, and the farm forgets it now. */
    void buildForgotten(BuildId build);
}
