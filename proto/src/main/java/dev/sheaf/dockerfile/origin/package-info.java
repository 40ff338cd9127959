/** Which instruction of a Dockerfile made a layer. Imports {@code dev.sheaf.dockerfile}. */
@NullMarked
package dev.sheaf.dockerfile.origin;

import org.jspecify.annotations.NullMarked;
