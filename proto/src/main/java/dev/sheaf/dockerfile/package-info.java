/**
 * Dockerfiles as BuildKit reads them: instructions with their lines, stages, the images that a target needs. Imports
 * {@code dev.sheaf.image}.
 */
@NullMarked
package dev.sheaf.dockerfile;

import org.jspecify.annotations.NullMarked;
