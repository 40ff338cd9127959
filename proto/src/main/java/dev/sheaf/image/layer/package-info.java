/** What a layer holds that can be run, read once as a stream, whatever its size. */
@NullMarked
package dev.sheaf.image.layer;

import org.jspecify.annotations.NullMarked;
