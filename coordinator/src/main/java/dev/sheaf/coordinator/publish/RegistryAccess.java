package dev.sheaf.coordinator.publish;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.Registry;

/** Opens the way to a registry. */
@FunctionalInterface
public interface RegistryAccess {
    /** The registry of this name, called with these credentials of this build. */
    Registry open(BuildId build, String registry, Credentials credentials);
}
