/** Moves tags, the last thing that publishing does. */
@NullMarked
package dev.sheaf.image.tag;

import org.jspecify.annotations.NullMarked;
