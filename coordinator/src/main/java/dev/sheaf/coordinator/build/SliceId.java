package dev.sheaf.coordinator.build;

import dev.sheaf.image.Platform;

/** The part of a build for one platform. */
public record SliceId(BuildId build, Platform platform) {
    @Override
    public String toString() {
        return build + " " + platform;
    }
}
