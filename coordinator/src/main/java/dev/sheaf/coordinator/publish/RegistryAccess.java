package dev.sheaf.coordinator.publish;

import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.Registry;

/** Opens the way to a registry. */
@FunctionalInterface
public interface RegistryAccess {
    /** The registry of this name, called with these credentials. */
    Registry open(String registry, Credentials credentials);
}
