package dev.sheaf.cli.image;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.image.ImageReference;

/** Reads names of images that are there already. */
public final class ImageNames {
    private ImageNames() {}

    /** The image of this name; without tag and digest, {@code latest}. */
    public static ImageReference read(String text) throws CliException {
        try {
            return ImageReference.parse(text).orLatest();
        } catch (IllegalArgumentException e) {
            throw CliException.user(String.valueOf(e.getMessage()));
        }
    }
}
