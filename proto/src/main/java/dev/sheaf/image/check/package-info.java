/** Reads an image from a registry and has it judged. */
@NullMarked
package dev.sheaf.image.check;

import org.jspecify.annotations.NullMarked;
