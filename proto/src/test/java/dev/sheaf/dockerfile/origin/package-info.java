/** Tests of the origins of layers. */
@NullMarked
package dev.sheaf.dockerfile.origin;

import org.jspecify.annotations.NullMarked;
