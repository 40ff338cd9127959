package dev.sheaf.cli.image.create;

import dev.sheaf.cli.image.RegistryImage;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.registry.Registry;

/** An image that is there already, and where. */
record Source(Registry registry, RegistryImage image) {
    ImageReference reference() {
        return image.reference();
    }

    String repository() {
        return reference().repository();
    }
}
