package dev.sheaf.image.elf;

import java.io.IOException;

/** A file begins like an ELF file and is none that can be run. The message is half a sentence: what is wrong. */
public final class ElfFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    ElfFormatException(String message) {
        super(message);
    }
}
