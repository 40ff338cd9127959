/** Tests of the Dockerfile reader. */
@NullMarked
package dev.sheaf.dockerfile;

import org.jspecify.annotations.NullMarked;
