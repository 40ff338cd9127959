/** Which instruction of a Dockerfile made a layer. Imports {@code dev.sheaf.dockerfile} and {@code dev.sheaf.image}. */
@NullMarked
package dev.sheaf.dockerfile.origin;

import org.jspecify.annotations.NullMarked;
