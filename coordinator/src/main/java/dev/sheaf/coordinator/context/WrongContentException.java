package dev.sheaf.coordinator.context;

import dev.sheaf.image.Digest;
import java.io.IOException;

/** The bytes of a blob are not what its digest says. */
public final class WrongContentException extends IOException {
    private static final long serialVersionUID = 1L;

    WrongContentException(Digest expected, String found) {
        super("blob " + expected + " has other content: found is " + found);
    }
}
