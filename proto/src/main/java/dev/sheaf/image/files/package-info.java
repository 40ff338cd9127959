/** An image's files as a container would see them, and what it would run. Pure. */
@NullMarked
package dev.sheaf.image.files;

import org.jspecify.annotations.NullMarked;
